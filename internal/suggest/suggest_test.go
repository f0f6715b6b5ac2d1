package suggest

import "testing"

func TestName(t *testing.T) {
	stacks := []string{"envs/prod/web", "envs/prod/network", "envs/test/network", "task.terraform.prod", "task.terraform.prod"}
	for _, tt := range []struct{ name, given, want string }{
		{"a letter too few", "envs/prod/wb", "envs/prod/web"},
		{"something else", "envs/stage/db", ""},
		{"the last part of a path", "web", "envs/prod/web"},
		{"the last parts of an address, of which there are two alike", "terraform.prod", "task.terraform.prod"},
		{"the last part of several", "network", ""},
		{"the end of a part", "eb", ""},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Name(tt.given, stacks); got != tt.want {
				t.Errorf("%q suggests %q, want %q", tt.given, got, tt.want)
			}
		})
	}
}
