package facts

import (
	"context"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type selinux struct {
	Enabled bool   `cty:"enabled"`
	Mode    string `cty:"mode"`
}

type apparmor struct {
	Enabled bool `cty:"enabled"`
}

func selinuxGroup() group {
	return group{Nested: schema.Nested{Name: "selinux", Block: schema.Block{
		Doc: "SELinux, as the kernel has it now.",
		Attributes: []schema.Attribute{
			boolFact("enabled", "Whether a policy is in force or logged."),
			stringFact("mode", "`enforcing`, `permissive` or `disabled`."),
		},
	}}}
}

func apparmorGroup() group {
	return group{Nested: schema.Nested{Name: "apparmor", Block: schema.Block{
		Doc:        "AppArmor, as the kernel has it now.",
		Attributes: []schema.Attribute{boolFact("enabled", "Whether it is in force.")},
	}}}
}

func gatherSELinux(_ context.Context, f *Facts) any {
	enforce := f.flag(f.inSys("fs/selinux/enforce"))
	switch {
	case enforce == nil:
		return selinux{Mode: "disabled"}
	case *enforce:
		return selinux{Enabled: true, Mode: "enforcing"}
	}
	return selinux{Enabled: true, Mode: "permissive"}
}

func gatherAppArmor(_ context.Context, f *Facts) any {
	return apparmor{Enabled: strings.EqualFold(deref(f.text(f.inSys("module/apparmor/parameters/enabled"))), "y")}
}
