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
	var asJSON bool
	c := &cobra.Command{
		Use:     "version",
		Short:   "Tell the versions of the program, of Go and of gnet",
		Example: examples("herd version"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return writeVersion(c.OutOrStdout(), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

// versions are what the binary was built from.
type versions struct {
	Program string `json:"program"`
	Version string `json:"version"`
	Go      string `json:"go"`
	Gnet    string `json:"gnet"`
}

func writeVersion(out io.Writer, asJSON bool) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("the binary does not say what it was built from; build it with go build in a module")
	}
	v := versions{Program: info.Main.Path, Version: info.Main.Version, Go: info.GoVersion, Gnet: "unknown"}
	for _, module := range info.Deps {
		if module.Path == gnetModule {
			v.Gnet = module.Version
		}
	}
	if asJSON {
		return writeDocument(out, v)
	}
	_, err := fmt.Fprintf(out, "%s %s\n%s\ngnet %s\n", v.Program, v.Version, v.Go, v.Gnet)
	return err
}
