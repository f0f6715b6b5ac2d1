package lang

func filesystemDocs() Group {
	return Group{"Filesystem functions", []Doc{
		{
			Name: "abspath", Text: "Returns the absolute form of a path.",
			Params:  []string{"The path."},
			Example: `abspath("/etc/../etc/motd")`, Result: `"/etc/motd"`,
		},
		{
			Name: "basename", Text: "Returns the last element of a path.",
			Params:  []string{"The path."},
			Example: `basename("/etc/motd")`, Result: `"motd"`,
		},
		{
			Name: "dirname", Text: "Returns a path without its last element.",
			Params:  []string{"The path."},
			Example: `dirname("/etc/motd")`, Result: `"/etc"`,
		},
		{
			Name: "file", Text: "Reads a file of UTF-8, of at most 1 MiB.",
			Params:  []string{"The path."},
			Example: `file("hello.txt")`, Result: `"Hello, World\n"`,
		},
		{
			Name: "filebase64", Text: "Reads a file of at most 1 MiB as Base64.",
			Params:  []string{"The path."},
			Example: `filebase64("sub/a.txt")`, Result: `"YQ=="`,
		},
		{
			Name: "fileexists", Text: "Reports whether there is a file at a path. What is no regular file, as a directory, is an error.",
			Params:  []string{"The path."},
			Example: `fileexists("nothing.txt")`, Result: "false",
		},
		{
			Name: "fileset", Text: "Returns the paths of the regular files below a directory that match a pattern.",
			Params:  []string{"The directory.", "The pattern: `*` and `?` stand for anything but `/`, `**` for any directories, `{a,b}` for one of several."},
			Example: `fileset("sub", "**/*.txt")`, Result: `toset(["a.txt", "deeper/c.txt"])`,
		},
		{
			Name: "pathexpand", Text: "Puts the home directory of the user in the place of a `~` that a path begins with.",
			Params:  []string{"The path."},
			Example: `pathexpand("/etc/motd")`, Result: `"/etc/motd"`,
		},
		{
			Name: "jinjafile", Text: "Renders a file of at most 1 MiB as a template of Jinja2, with the filters and tests of Ansible. It may include other files of its directory. [The guide](../docs/guides/jinja.md) lists what there is.",
			Params:  []string{"The path.", "The variables of the template, an object."},
			Example: `jinjafile("site.conf.j2", { port = 80 })`,
		},
		{
			Name: "templatefile", Text: "Renders the template in a file. In it all functions can be called but `templatefile`, `templatestring` and those of time and chance. A template that is one interpolation has the value of that, whatever its type. A mistake is shown where it is in the file.",
			Params:  []string{"The path of the template, of at most 1 MiB of UTF-8.", "A map or an object with the variables of the template."},
			Example: `templatefile("greet.tftpl", { name = "Jodie" })`, Result: `"Hello, Jodie!"`,
		},
	}}
}
