package command

import (
	"context"
	"embed"
	"fmt"
	"slices"

	"github.com/driftless-hq/driftless/config/lang"
)

//go:embed completion
var completionScripts embed.FS

// completionHelp says how the scripts are put to use.
const completionHelp = `The script goes to the standard output. It lets the Tab key complete commands, options and what they take, such as the addresses and tags of the blocks of a configuration. To have it in every shell, for bash write the first line into ~/.bashrc; for zsh the second into ~/.zshrc, after compinit; for fish run the third, once:

  source <(driftless completion bash)
  source <(driftless completion zsh)
  driftless completion fish > ~/.config/fish/completions/driftless.fish`

func runCompletion(_ context.Context, e env) int {
	shells := []string{"bash", "zsh", "fish"}
	shell := e.flags.Args().First()
	switch {
	case shell == "":
		e.UsageError(usageError{"Name the shell that the script is for: bash, zsh or fish.", "completion"})
		return exitError
	case !slices.Contains(shells, shell):
		e.UsageError(usageError{fmt.Sprintf("There is no completion for %q.%s It is made for bash, zsh and fish.", shell, lang.Suggest(shell, shells)), "completion"})
		return exitError
	}
	script, err := completionScripts.ReadFile("completion/driftless." + shell)
	if err != nil {
		e.Error(err)
		return exitError
	}
	e.Print("%s", script)
	return exitOK
}
