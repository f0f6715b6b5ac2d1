package facts

// calls are the questions to the kernel that no file answers. Tests answer
// them for the host of a fixture.
type calls struct {
	machine    func() *string
	statfs     func(path string) (space, error)
	interfaces func() (map[string]netDevice, error)
	ids        func() (uid, gid int) // -1 where users have no numbers
}
