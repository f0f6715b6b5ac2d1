package bus

// queue is a list of parcels, oldest first. A parcel is in one queue at a
// time, which is why the links can lie in the parcels.
type queue struct{ head, tail *parcel }

func (q *queue) push(p *parcel) {
	p.next = nil
	if q.tail == nil {
		q.head = p
	} else {
		q.tail.next = p
	}
	q.tail = p
}

func (q *queue) pop() *parcel {
	p := q.head
	if p == nil {
		return nil
	}
	q.head = p.next
	if q.head == nil {
		q.tail = nil
	}
	p.next = nil
	return p
}

// concat returns the parcels of q and behind them those of rest. Neither may
// be used any more.
func (q queue) concat(rest queue) queue {
	if q.tail == nil {
		return rest
	}
	if rest.head != nil {
		q.tail.next = rest.head
		q.tail = rest.tail
	}
	return q
}

func (q queue) tickets() []*ticket {
	var all []*ticket
	for p := q.head; p != nil; p = p.next {
		all = append(all, p.ticket)
	}
	return all
}
