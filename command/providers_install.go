package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/driftless-hq/driftless/internal/pluginhost"
)

func runProvidersInstall(ctx context.Context, e env) int {
	if err := e.installProviders(ctx); err != nil {
		e.Error(err)
		return exitError
	}
	return exitOK
}

func (e env) installProviders(ctx context.Context) error {
	if !e.flags.Args().Present() {
		return errors.New("name the executable of a provider, or a directory of them: driftless providers install PATH")
	}
	path := e.flags.Args().First()
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("install a provider: %w", err)
	}
	paths := []string{path}
	if info.IsDir() {
		if paths, err = pluginhost.InDir(path); err != nil {
			return err
		}
	}
	dir := systemPluginDir
	if !e.flags.Bool("system") {
		if dir, err = userPluginDir(); err != nil {
			return fmt.Errorf("find the directory of the user's providers: %w; install for all users with -system", err)
		}
	}
	for _, one := range paths {
		binary, err := pluginhost.Install(ctx, one, dir)
		if err != nil {
			return err
		}
		e.InstalledProvider(binary)
	}
	e.Progress("To have a configuration use what was installed: driftless providers lock")
	return nil
}
