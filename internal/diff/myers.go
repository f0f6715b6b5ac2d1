package diff

// change replaces from[fromLow:fromHigh] by to[toLow:toHigh].
type change struct {
	fromLow, fromHigh int
	toLow, toHigh     int
}

// maxCost is how many steps a comparison may take, about a tenth of a second.
// What is left then is shown as replaced whole: longer than need be, but right.
const maxCost = 20_000_000

// compare returns the changes that make to of from, in order and apart from
// each other: the shortest such list, unless that would cost too much.
//
// It is the linear-space algorithm of E. Myers, "An O(ND) Difference Algorithm
// and Its Variations" (1986), run over the lines that both sides have. A line
// that only one side has is a change in any case, and leaving these out first
// is what makes a rewritten file cheap.
func compare(from, to []string) []change {
	fromIDs, toIDs := intern(from, to)
	low := 0
	for low < len(from) && low < len(to) && fromIDs[low] == toIDs[low] {
		low++
	}
	fromHigh, toHigh := len(from), len(to)
	for fromHigh > low && toHigh > low && fromIDs[fromHigh-1] == toIDs[toHigh-1] {
		fromHigh--
		toHigh--
	}
	m := newMyers(shared(fromIDs, toIDs, low, fromHigh, toHigh))
	m.compare(0, len(m.from), 0, len(m.to))
	return m.changes(low, fromHigh, toHigh)
}

// intern gives equal lines equal numbers.
func intern(from, to []string) (fromIDs, toIDs []int32) {
	ids := make(map[string]int32, len(from))
	number := func(lines []string) []int32 {
		out := make([]int32, len(lines))
		for i, line := range lines {
			id, ok := ids[line]
			if !ok {
				id = int32(len(ids))
				ids[line] = id
			}
			out[i] = id
		}
		return out
	}
	return number(from), number(to)
}

// line is a line that both sides have, and where it stands on its side.
type line struct {
	id    int32
	index int
}

// shared returns the lines between low and high that both sides have there.
func shared(fromIDs, toIDs []int32, low, fromHigh, toHigh int) (from, to []line) {
	const inFrom, inTo = 1, 2
	side := map[int32]byte{}
	for _, id := range fromIDs[low:fromHigh] {
		side[id] |= inFrom
	}
	for _, id := range toIDs[low:toHigh] {
		side[id] |= inTo
	}
	pick := func(ids []int32, high int) []line {
		var lines []line
		for i := low; i < high; i++ {
			if side[ids[i]] == inFrom|inTo {
				lines = append(lines, line{ids[i], i})
			}
		}
		return lines
	}
	return pick(fromIDs, fromHigh), pick(toIDs, toHigh)
}

type myers struct {
	from, to []line
	matches  []match // in order
	cost     int
	// forward and backward hold how far each diagonal has been followed;
	// diagonal k is at k+offset.
	forward, backward []int
	offset            int
}

// match is a line of from that is a line of to.
type match struct{ from, to int }

func newMyers(from, to []line) *myers {
	size := len(from) + len(to) + 3
	return &myers{from: from, to: to, forward: make([]int, 2*size), backward: make([]int, 2*size), offset: size}
}

// compare adds the matches between from[fl:fh] and to[tl:th].
func (m *myers) compare(fl, fh, tl, th int) {
	for fl < fh && tl < th && m.from[fl].id == m.to[tl].id {
		m.match(fl, tl)
		fl, tl = fl+1, tl+1
	}
	tail := 0
	for fl < fh && tl < th && m.from[fh-1].id == m.to[th-1].id {
		fh, th = fh-1, th-1
		tail++
	}
	if fl < fh && tl < th {
		if x, y, ok := m.middle(fl, fh, tl, th); ok {
			m.compare(fl, x, tl, y)
			m.compare(x, fh, y, th)
		}
	}
	for i := range tail {
		m.match(fh+i, th+i)
	}
}

func (m *myers) match(f, t int) {
	m.matches = append(m.matches, match{m.from[f].index, m.to[t].index})
}

// middle returns a point on a shortest path through the box, by going from
// both of its ends until the two ways meet. It is not ok where the cost ran
// out, or where the box can't be split into smaller ones.
func (m *myers) middle(fl, fh, tl, th int) (x, y int, ok bool) {
	low, high := fl-th, fh-tl // diagonals x-y of the box
	start, end := fl-tl, fh-th
	m.forward[m.offset+start], m.backward[m.offset+end] = fl, fh
	fmin, fmax, bmin, bmax := start, start, end, end
	odd := (start-end)&1 != 0
	for m.cost < maxCost {
		m.widen(m.forward, &fmin, &fmax, low, high, fl-1)
		for k := fmax; k >= fmin; k -= 2 {
			x := m.forwardStep(k, fh, th)
			if odd && bmin <= k && k <= bmax && m.backward[m.offset+k] <= x {
				return x, x - k, m.splits(x, x-k, fl, fh, tl, th)
			}
		}
		m.widen(m.backward, &bmin, &bmax, low, high, fh+1)
		for k := bmax; k >= bmin; k -= 2 {
			x := m.backwardStep(k, fl, tl)
			if !odd && fmin <= k && k <= fmax && x <= m.forward[m.offset+k] {
				return x, x - k, m.splits(x, x-k, fl, fh, tl, th)
			}
		}
	}
	return 0, 0, false
}

func (m *myers) splits(x, y, fl, fh, tl, th int) bool {
	return (x > fl || y > tl) && (x < fh || y < th)
}

// widen lets the diagonals that are followed grow by one on either side, or
// shrink by one where the box ends. The diagonals just outside get a value
// that no way goes through.
func (m *myers) widen(reached []int, kmin, kmax *int, low, high, outside int) {
	if *kmin > low {
		*kmin--
		reached[m.offset+*kmin-1] = outside
	} else {
		*kmin++
	}
	if *kmax < high {
		*kmax++
		reached[m.offset+*kmax+1] = outside
	} else {
		*kmax--
	}
}

func (m *myers) forwardStep(k, fh, th int) int {
	x := max(m.forward[m.offset+k-1]+1, m.forward[m.offset+k+1])
	m.cost++
	for x < fh && x-k < th && m.from[x].id == m.to[x-k].id {
		x++
		m.cost++
	}
	m.forward[m.offset+k] = x
	return x
}

func (m *myers) backwardStep(k, fl, tl int) int {
	x := min(m.backward[m.offset+k-1], m.backward[m.offset+k+1]-1)
	m.cost++
	for x > fl && x-k > tl && m.from[x-1].id == m.to[x-k-1].id {
		x--
		m.cost++
	}
	m.backward[m.offset+k] = x
	return x
}

// changes returns what lies between the matches, with both sides beginning at
// low and ending at their high.
func (m *myers) changes(low, fromHigh, toHigh int) []change {
	var out []change
	f, t := low, low
	for _, next := range append(m.matches, match{fromHigh, toHigh}) {
		if next.from > f || next.to > t {
			out = append(out, change{f, next.from, t, next.to})
		}
		f, t = next.from+1, next.to+1
	}
	return out
}
