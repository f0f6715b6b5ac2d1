package gotool

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestWhatIsBuiltDependsOnTheWayOfTheBuild(t *testing.T) {
	t.Parallel()
	source := filepath.Join("..", "..", "..", "tools", "vault")
	seen := map[string]Program{}
	for _, p := range []Program{{Name: "a"}, {Name: "b"}, {Name: "a", Tags: "t"}, {Name: "a", LDFlags: "t"}, {Name: "a", Package: "t"}} {
		made, err := p.cached(source)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[made]; ok {
			t.Errorf("%+v and %+v are both kept at %s", p, other, made)
		}
		seen[made] = p
	}
}

func TestWhatIsNotBuiltIsNotFound(t *testing.T) {
	t.Parallel()
	if _, err := (Program{Name: "of-nobody", Module: "vault"}).Find(); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("error %v", err)
	}
}
