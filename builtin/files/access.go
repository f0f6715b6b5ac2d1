package files

import (
	"errors"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// access is who may use a path, as far as it is declared. What isn't stays as
// it is.
type access struct {
	Mode  *string `schema:"mode"`
	Owner *string `schema:"owner"`
	Group *string `schema:"group"`
}

func accessAttributes() []schema.Attribute {
	return []schema.Attribute{
		{Name: "mode", Type: cty.String, Format: schema.Mode,
			Doc: "The permission bits, as four octal digits in quotes: `\"0644\"`. Left out, they stay as they are."},
		{Name: "owner", Type: cty.String, Doc: "The owning user, by name or number. Left out, it stays as it is."},
		{Name: "group", Type: cty.String, Doc: "The owning group, by name or number. Left out, it stays as it is."},
	}
}

// apply sets in file what is declared. It returns the names of the attributes
// that are known only after apply: an owner that an earlier task makes.
func (a access) apply(host plugin.Host, file *plugin.File) (unknown []string, diags plugin.Diagnostics) {
	if a.Mode != nil {
		mode, err := schema.ParseMode(*a.Mode)
		if err != nil {
			return nil, plugin.Error(plugin.Attr("mode"), "Invalid mode", "%s.", sentence(err))
		}
		file.Mode = mode
	}
	resolve := func(attribute string, name *string, lookup func(string) (int, error), id *int) {
		if name == nil {
			return
		}
		found, err := lookup(*name)
		switch {
		case errors.Is(err, plugin.ErrUnknown):
			unknown = append(unknown, attribute)
		case err != nil:
			diags = append(diags, plugin.Error(plugin.Attr(attribute), "Unknown "+attribute, "%s.", sentence(err))...)
		default:
			*id = found
		}
	}
	resolve("owner", a.Owner, host.UserID, &file.UID)
	resolve("group", a.Group, host.GroupID, &file.GID)
	return unknown, diags
}

func differsInAccess(a, b plugin.File) bool {
	return a.Mode != b.Mode || a.UID != b.UID || a.GID != b.GID
}

// accessReasons names the attributes that differ.
func accessReasons(now, next plugin.File, unknown []string) []string {
	var reasons []string
	if now.Mode != next.Mode {
		reasons = append(reasons, "mode")
	}
	if now.UID != next.UID || slices.Contains(unknown, "owner") {
		reasons = append(reasons, "owner")
	}
	if now.GID != next.GID || slices.Contains(unknown, "group") {
		reasons = append(reasons, "group")
	}
	return reasons
}
