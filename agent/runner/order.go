package runner

import (
	"fmt"
	"slices"
	"strings"
)

// Validate checks what [Runner.Sync] demands of a set of units: each has a
// name of its own and a way to start, depends on units of the set only, and
// not on itself through others.
func Validate(units []Unit) error {
	byName := make(map[string]Unit, len(units))
	for _, u := range units {
		if u.Name == "" || u.Start == nil {
			return fmt.Errorf("checking the units: %q lacks a name or a way to start", u.Name)
		}
		if _, twice := byName[u.Name]; twice {
			return fmt.Errorf("checking the units: there are two of the name %s", u.Name)
		}
		byName[u.Name] = u
	}
	for _, u := range units {
		for _, dep := range u.DependsOn {
			if _, ok := byName[dep]; !ok {
				return fmt.Errorf("checking the units: %s depends on %s, which is not among them", u.Name, dep)
			}
		}
	}
	return findCycle(units, byName)
}

// findCycle returns an error with the path of a cycle, if there is one.
func findCycle(units []Unit, byName map[string]Unit) error {
	const onPath, clear = 1, 2
	seen := make(map[string]int, len(units))
	var path []string
	var visit func(name string) error
	visit = func(name string) error {
		switch seen[name] {
		case clear:
			return nil
		case onPath:
			cycle := append(path[slices.Index(path, name):], name)
			return fmt.Errorf("checking the units: they depend on each other in a circle: %s", strings.Join(cycle, " → "))
		}
		seen[name] = onPath
		path = append(path, name)
		for _, dep := range byName[name].DependsOn {
			if err := visit(dep); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		seen[name] = clear
		return nil
	}
	for _, u := range units {
		if err := visit(u.Name); err != nil {
			return err
		}
	}
	return nil
}

// depths returns for each unit how many units, one depending on the other,
// are started before it. The units must be free of cycles.
func depths(units []Unit) map[string]int {
	byName := make(map[string]Unit, len(units))
	for _, u := range units {
		byName[u.Name] = u
	}
	depth := make(map[string]int, len(units))
	var visit func(u Unit) int
	visit = func(u Unit) int {
		if d, ok := depth[u.Name]; ok {
			return d
		}
		d := 0
		for _, dep := range u.DependsOn {
			d = max(d, 1+visit(byName[dep]))
		}
		depth[u.Name] = d
		return d
	}
	for _, u := range units {
		visit(u)
	}
	return depth
}

// layers groups jobs by the depth of their units, the lowest first. All jobs
// of a layer may start or stop at the same time.
func layers(jobs []*job, depth map[string]int) [][]*job {
	var groups [][]*job
	for _, j := range jobs {
		d := depth[j.name]
		for len(groups) <= d {
			groups = append(groups, nil)
		}
		groups[d] = append(groups[d], j)
	}
	return groups
}
