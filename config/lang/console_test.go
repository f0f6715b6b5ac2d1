package lang_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// console is the terraform console in a directory with some files.
type console struct {
	dir       string
	functions map[string]bool
}

func newConsole(t *testing.T) console {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("terraform is needed: %v", err)
		}
		t.Skipf("terraform is not installed: %v", err)
	}
	c := console{t.TempDir(), make(map[string]bool)}
	if err := os.CopyFS(c.dir, os.DirFS(filepath.Join("testdata", "files"))); err != nil {
		t.Fatal(err)
	}
	writeKeys(t, c.dir)
	var metadata struct {
		Signatures map[string]json.RawMessage `json:"function_signatures"`
	}
	if err := json.Unmarshal(c.run(t, nil, "metadata", "functions", "-json"), &metadata); err != nil {
		t.Fatal(err)
	}
	for name := range metadata.Signatures {
		if !strings.Contains(name, "::") {
			c.functions[name] = true
		}
	}
	return c
}

// writeKeys writes key.pem, sealed.bin, which that key opens, and other.pem, a
// key that is not of RSA.
func writeKeys(t *testing.T, dir string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, &key.PublicKey, []byte("secret text")) //nolint:staticcheck // it is what rsadecrypt opens
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := x509.MarshalPKCS8PrivateKey(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"key.pem":    pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
		"other.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: packed}),
		"sealed.bin": sealed,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (c console) run(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "terraform", args...)
	cmd.Dir, cmd.Stdin = c.dir, bytes.NewReader(input)
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull, "NO_COLOR=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("terraform %v: %v\n%s\n%s", args, err, stderr.Bytes(), out[max(0, len(out)-500):])
	}
	return out
}

// knows reports whether this version of Terraform has the functions.
func (c console) knows(names []string) bool {
	for _, name := range names {
		if !c.functions[name] {
			return false
		}
	}
	return true
}

const failed = "error"

// ask has the console evaluate all expressions: to JSON, whether they are
// sensitive, and to their types. The console answers only the last line that it
// is given, and takes no long ones, so the expressions are locals of its
// directory. In those the functions of time and chance have no answer yet; what
// calls them is in the line.
func (c console) ask(t *testing.T, comparisons []comparison) []string {
	t.Helper()
	var values, types, lateValues, lateTypes strings.Builder
	for _, compared := range comparisons {
		value, typ := c.asked(compared.expr)
		if compared.isLate() {
			lateValues.WriteString(value)
			lateTypes.WriteString(typ)
		} else {
			values.WriteString(value)
			types.WriteString(typ)
		}
	}
	locals := fmt.Sprintf("locals {\nvalues = [%s]\ntypes = [%s]\n}\n", values.String(), types.String())
	if err := os.WriteFile(filepath.Join(c.dir, "comparisons.tf"), []byte(locals), 0o600); err != nil {
		t.Fatal(err)
	}
	var valued []struct {
		JSON      string
		Sensitive bool
	}
	if err := json.Unmarshal(c.decode(t, "base64encode(jsonencode(concat(local.values, ["+lateValues.String()+"])))"), &valued); err != nil {
		t.Fatal(err)
	}
	typed := elementTypes(string(c.run(t, []byte("type(concat(local.types, ["+lateTypes.String()+"]))\n"), "console")))
	if len(valued) != len(comparisons) || len(typed) != len(comparisons) {
		t.Fatalf("%d expressions have %d values and %d types", len(comparisons), len(valued), len(typed))
	}
	answers := make([]string, len(comparisons))
	for i, v := range valued {
		answers[i] = v.JSON + " " + typed[i]
		if v.Sensitive {
			answers[i] += " sensitive"
		}
	}
	return answers
}

// asked is how an expression is put to the console.
func (c console) asked(expr string) (value, typ string) {
	text := fmt.Sprintf("try(jsonencode([%s]), %q)", expr, failed)
	isSensitive := "false"
	if c.functions["issensitive"] {
		isSensitive = "issensitive(" + text + ")"
	}
	value = fmt.Sprintf("{ json = try(nonsensitive(%s), %s), sensitive = %s }, ", text, text, isSensitive)
	return value, fmt.Sprintf("try([%s], %q), ", expr, failed)
}

func (c console) decode(t *testing.T, expr string) []byte {
	t.Helper()
	quoted := strings.TrimSpace(string(c.run(t, []byte(expr+"\n"), "console")))
	content, err := base64.StdEncoding.DecodeString(strings.Trim(quoted, `"`))
	if err != nil {
		t.Fatalf("%v: %.200s", err, quoted)
	}
	return content
}

// elementTypes parts the type of a tuple, without blanks, into those of its
// elements.
func elementTypes(tuple string) []string {
	text := strings.ReplaceAll(strings.Join(strings.Fields(tuple), ""), ",)", ")") // a type of several lines
	text = strings.TrimSuffix(strings.TrimPrefix(text, "tuple(["), "])")
	var types []string
	depth, start := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				types = append(types, text[start:i])
				start = i + 1
			}
		}
	}
	return types
}
