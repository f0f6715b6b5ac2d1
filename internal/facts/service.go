package facts

import (
	"context"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type services struct {
	Manager *string `cty:"manager"`
}

func serviceGroup() group {
	return group{
		static: true,
		Nested: schema.Nested{Name: "service", Block: schema.Block{
			Doc: "What starts and watches the services of the system.",
			Attributes: []schema.Attribute{
				stringFact("manager", "`systemd`, `openrc`, `runit`, `sysv`, elsewhere `launchd`, `rc`, `windows`; `none` where nothing does, as in most containers."),
			},
		}},
	}
}

func gatherService(_ context.Context, f *Facts) any {
	return services{Manager: new(f.serviceManager())}
}

// serviceManager knows a manager by what it leaves in /run when it has started
// the system, or by the name of the first process. That one is installed says
// nothing.
func (f *Facts) serviceManager() string {
	first := deref(f.text(f.inProc("1/comm")))
	switch {
	case exists(f.inRoot("run/systemd/system")):
		return "systemd"
	case exists(f.inRoot("run/openrc/softlevel")):
		return "openrc"
	case first == "runit" || first == "runit-init":
		return "runit"
	case first == "init" && exists(f.inRoot("etc/init.d")):
		return "sysv"
	}
	return "none"
}
