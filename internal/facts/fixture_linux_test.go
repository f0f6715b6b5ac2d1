package facts

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFactsOfFixtures(t *testing.T) {
	for _, name := range []string{"debian", "rhel", "alpine", "container"} {
		fx := unpack(t, "testdata/"+name+".txtar")
		f := fx.facts(t)
		for group, want := range fx.want {
			t.Run(name+"/"+group, func(t *testing.T) {
				value := gather(t, f, group)
				want := bytes.ReplaceAll(want, []byte("GOARCH"), []byte(runtime.GOARCH))
				if diff := cmp.Diff(decode(t, want), decode(t, encode(t, value))); diff != "" {
					t.Errorf("the facts differ (-want +got):\n%s", diff)
				}
			})
		}
	}
}
