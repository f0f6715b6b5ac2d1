package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are the texts written by hand.
func documents(t *testing.T) []string {
	t.Helper()
	found := []string{filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md"), filepath.Join(root, "CHANGELOG.md")}
	for path := range readTree(t, filepath.Join(root, "website/content/docs")) {
		found = append(found, filepath.Join(root, "website/content/docs", path))
	}
	return found
}

// The blocks of code under one heading are one configuration, so that a text
// can explain it part by part.
func TestEveryConfigurationInTheDocumentsIsValid(t *testing.T) {
	checked := 0
	for _, path := range documents(t) {
		for _, s := range sections(read(t, path)) {
			if len(s.code) == 0 {
				continue
			}
			checked++
			t.Run(filepath.Base(path)+" "+s.title, func(t *testing.T) {
				dir := t.TempDir()
				for i, code := range s.code {
					file := filepath.Join(dir, fmt.Sprintf("block%02d.hcl", i+1))
					if err := os.WriteFile(file, []byte(code), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				validate(t, dir)
			})
		}
	}
	if checked == 0 {
		t.Error("not one configuration was found in the documents")
	}
}

// section is what stands under one heading.
type section struct {
	title string
	code  []string // the blocks of HCL
}

func sections(text string) []section {
	var all []section
	current, language, inCode := section{}, "", false
	var code strings.Builder
	for line := range strings.Lines(text) {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && !inCode:
			inCode, language = true, strings.TrimSpace(fence)
			code.Reset()
		case isFence:
			inCode = false
			if language == "hcl" {
				current.code = append(current.code, code.String())
			}
		case inCode:
			code.WriteString(line)
		case strings.HasPrefix(line, "#"):
			all = append(all, current)
			current = section{title: strings.Trim(line, "# \n")}
		}
	}
	return append(all, current)
}

func TestSectionsHoldTheCodeUnderTheirHeading(t *testing.T) {
	got := sections("# A\ntext\n```hcl\n# not a heading\na = 1\n```\n## B\n```console\n$ ls\n```\n```hcl\nb = 2\n```\n```hcl\nc = 3\n```\n")
	if text := fmt.Sprintf("%q", got); text != `[{"" []} {"A" ["# not a heading\na = 1\n"]} {"B" ["b = 2\n" "c = 3\n"]}]` {
		t.Errorf("sections = %s", text)
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestEveryLinkLeadsToAFileOfTheRepository(t *testing.T) {
	paths := documents(t)
	for path := range readTree(t, filepath.Join(root, referenceDir)) {
		paths = append(paths, filepath.Join(root, referenceDir, path))
	}
	for _, path := range paths {
		for _, match := range link.FindAllStringSubmatch(withoutCode(read(t, path)), -1) {
			target, err := url.Parse(match[1])
			if err != nil || target.IsAbs() || target.Path == "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), target.Path)); err != nil {
				t.Errorf("%s links to %s: %v", path, match[1], err)
			}
		}
	}
}

func withoutCode(text string) string {
	var out strings.Builder
	inCode := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inCode = !inCode
		} else if !inCode {
			out.WriteString(line)
		}
	}
	return out.String()
}

// Whoever writes an alert looks for the metric in the guides.
func TestEveryMetricOfTheAgentIsInTheDocuments(t *testing.T) {
	var told strings.Builder
	for _, path := range documents(t) {
		told.WriteString(read(t, path))
	}
	families := regexp.MustCompile(`"(driftless_[a-z_]+|drift_monitor_agent_[a-z_]+)"`)
	found := 0
	for _, pattern := range []string{"agent/*.go", "builtin/git/*.go", "internal/pluginhost/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, match := range families.FindAllStringSubmatch(read(t, file), -1) {
				if found++; !strings.Contains(told.String(), "`"+match[1]) {
					t.Errorf("%s of %s is in none of the documents", match[1], file)
				}
			}
		}
	}
	if found == 0 {
		t.Error("not one metric was found in the code")
	}
}
