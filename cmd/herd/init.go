package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"proxyherd/herd/configfile"
)

func newInit() *cobra.Command {
	var describe, asJSON bool
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a config to start from",
		Long: `Writes the settings of the built-in herd to FILE (` + usualConfig + `, if none is named), ready
to be edited. It never writes over a file. With --describe it writes no file, but
tells the type, the default, the variable and the meaning of each key; with --json
too, for programs.`,
		Example: examples("herd init", "herd init mine.json && herd check mine.json", "herd init --describe | less"),
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			out := c.OutOrStdout()
			switch {
			case describe && asJSON:
				return writeDocument(out, configfile.Settings())
			case describe:
				return configfile.Describe(out)
			case asJSON:
				return usageError{errors.New("--json is for --describe: the config that is written is JSON anyway")}
			}
			path := usualConfig
			if len(args) > 0 {
				path = args[0]
			}
			if err := configfile.WriteNew(path); err != nil {
				return err
			}
			me, config := programName(), quoteArg(path)
			_, err := fmt.Fprintf(out, "Wrote %s. Next:\n"+
				"  %s init --describe         # what each key means\n"+
				"  %s check %s         # after each edit\n"+
				"  %s up --config %s   # run the herd until Ctrl-C\n", path, me, me, config, me, config)
			return err
		},
	}
	c.Flags().BoolVar(&describe, "describe", false, "tell what each key means instead of writing a file")
	c.Flags().BoolVar(&asJSON, "json", false, "with --describe: print one JSON document")
	return c
}
