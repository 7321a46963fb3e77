package main

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// gnetModule is the dependency whose version matters most to how servers behave.
const gnetModule = "github.com/panjf2000/gnet/v2"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Tell the versions of the program, of Go and of gnet",
		Example: examples("herd version"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return writeVersion(c.OutOrStdout())
		},
	}
}

func writeVersion(out io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("the binary does not say what it was built from; build it with go build in a module")
	}
	gnet := "unknown"
	for _, module := range info.Deps {
		if module.Path == gnetModule {
			gnet = module.Version
		}
	}
	_, err := fmt.Fprintf(out, "%s %s\n%s\ngnet %s\n", info.Main.Path, info.Main.Version, info.GoVersion, gnet)
	return err
}
