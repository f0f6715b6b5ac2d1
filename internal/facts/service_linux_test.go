package facts

import (
	"path/filepath"
	"testing"
)

func TestServiceManager(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"systemd that has started the system":      {map[string]string{"run/systemd/system/x": "", "proc/1/comm": "systemd\n"}, "systemd"},
		"systemd in an image, with another init":   {map[string]string{"run/systemd/x": "", "proc/1/comm": "bash\n"}, "none"},
		"runit that supervises below another init": {map[string]string{"run/runit/supervise/x": "", "proc/1/comm": "tini\n"}, "none"},
		"runit as the first process":               {map[string]string{"proc/1/comm": "runit\n"}, "runit"},
		"a classic init with its scripts":          {map[string]string{"proc/1/comm": "init\n", "etc/init.d/x": ""}, "sysv"},
		"scripts that nobody starts":               {map[string]string{"proc/1/comm": "sh\n", "etc/init.d/x": ""}, "none"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for path, content := range tt.files {
				writeFile(t, filepath.Join(root, path), []byte(content), 0o644)
			}
			value := gather(t, fixture{root: root}.facts(t), "service")
			if got := value.GetAttr("manager").AsString(); got != tt.want {
				t.Errorf("the manager is %s, want %s", got, tt.want)
			}
		})
	}
}
