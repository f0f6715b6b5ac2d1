package runner

// live returns the jobs that have not been told to stop, by name.
func (r *Runner) live() map[string]*job {
	r.mu.Lock()
	defer r.mu.Unlock()
	live := make(map[string]*job, len(r.jobs))
	for name, j := range r.jobs {
		if !j.doomed {
			live[name] = j
		}
	}
	return live
}

// all returns every job, also those that were left behind.
func (r *Runner) all() []*job {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*job, 0, len(r.jobs))
	for _, j := range r.jobs {
		all = append(all, j)
	}
	return all
}

// depths returns the depths of the live units. One that was left behind does
// not count: it belongs to an older set, and both may form a cycle.
func (r *Runner) depths() map[string]int {
	var units []Unit
	for _, j := range r.live() {
		units = append(units, j.current())
	}
	return depths(units)
}

func (r *Runner) newJobs(units []Unit) []*job {
	jobs := make([]*job, len(units))
	for i, u := range units {
		jobs[i] = newJob(r, u)
	}
	return jobs
}

// add puts a job in the place of its predecessor, if there is one that has
// not ended.
func (r *Runner) add(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.jobs[j.name]; old != nil {
		j.after = old.ended
	}
	r.jobs[j.name] = j
}

// forget drops a job that has ended and was meant to.
func (r *Runner) forget(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.doomed && r.jobs[j.name] == j {
		delete(r.jobs, j.name)
	}
}
