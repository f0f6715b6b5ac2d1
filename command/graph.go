package command

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
)

func runGraph(ctx context.Context, e env) int {
	e.OneDocument()
	l := e.load(ctx)
	if l == nil {
		return exitError
	}
	defer l.close(e)
	format := e.flags.String("format")
	if e.IsJSON() {
		format = "json"
	}
	var text string
	switch format {
	case "dot":
		text = dotGraph(l.graph)
	case "mermaid":
		text = mermaidGraph(l.graph)
	case "json":
		text = jsonGraph(l.graph)
	default:
		e.Error(fmt.Errorf("there is no graph format %q; use dot, mermaid or json", format))
		return exitError
	}
	e.Print("%s", text)
	return exitOK
}

// dotGraph writes the language of Graphviz. An arrow points at what comes
// first.
func dotGraph(g *eval.Graph) string {
	var b strings.Builder
	b.WriteString("digraph driftless {\n  rankdir = \"LR\"\n  node [shape = box]\n")
	for _, n := range g.Order() {
		fmt.Fprintf(&b, "  %q\n", n.Addr.String())
	}
	eachEdge(g, func(from, to addr.Addr) { fmt.Fprintf(&b, "  %q -> %q\n", from.String(), to.String()) })
	b.WriteString("}\n")
	return b.String()
}

func mermaidGraph(g *eval.Graph) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := make(map[addr.Addr]string)
	for i, n := range g.Order() {
		ids[n.Addr] = fmt.Sprintf("n%d", i)
		fmt.Fprintf(&b, "  %s[\"%s\"]\n", ids[n.Addr], strings.ReplaceAll(n.Addr.String(), `"`, "#quot;"))
	}
	eachEdge(g, func(from, to addr.Addr) { fmt.Fprintf(&b, "  %s --> %s\n", ids[from], ids[to]) })
	return b.String()
}

func jsonGraph(g *eval.Graph) string {
	type node struct {
		Address   addr.Addr   `json:"address"`
		DependsOn []addr.Addr `json:"depends_on"`
	}
	doc := struct {
		FormatVersion string `json:"format_version"`
		Nodes         []node `json:"nodes"`
	}{FormatVersion: "1.0", Nodes: []node{}}
	for _, n := range g.Order() {
		deps := g.Dependencies().Deps(n.Addr)
		if deps == nil {
			deps = []addr.Addr{}
		}
		doc.Nodes = append(doc.Nodes, node{n.Addr, deps})
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err.Error() // addresses are text: it can't happen
	}
	return string(out) + "\n"
}

func eachEdge(g *eval.Graph, visit func(from, to addr.Addr)) {
	for _, n := range g.Order() {
		for _, dep := range g.Dependencies().Deps(n.Addr) {
			visit(n.Addr, dep)
		}
	}
}
