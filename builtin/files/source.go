package files

import (
	"errors"
	"io/fs"

	"github.com/driftless-hq/driftless/plugin"
)

// readSource takes the content from another file. Symbolic links are followed
// to it.
func readSource(host plugin.Host, source string) (content, plugin.Diagnostics) {
	path := resolve(host, source)
	file, diags := sourceFile(host, path)
	if diags.HasErrors() {
		return content{}, diags
	}
	want := content{managed: true, attribute: "source", unknown: file.Unknown}
	if file.Unknown {
		return want, nil
	}
	var err error
	if file.Size > maxText {
		want.stream = &stream{Path: exactString(path), Size: file.Size}
		want.stream.Checksum, err = checksumFile(path)
	} else {
		want.bytes, err = host.Content(path)
	}
	if err != nil {
		return content{}, plugin.Error(plugin.Attr("source"), "Unreadable source", "%s.", sentence(err))
	}
	if want.stream == nil && want.bytes == nil {
		want.bytes = []byte{}
	}
	return want, nil
}

func sourceFile(host plugin.Host, path string) (plugin.File, plugin.Diagnostics) {
	file, err := host.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return file, plugin.Error(plugin.Attr("source"), "Missing source", "There is no file %s, and no task before this one makes it.", path)
	case err != nil:
		return file, plugin.Error(plugin.Attr("source"), "Unreadable source", "%s.", sentence(err))
	case !file.IsRegular():
		return file, plugin.Error(plugin.Attr("source"), "Source is not a file", "%s is %s.", path, describeType(file.Type))
	}
	return file, nil
}
