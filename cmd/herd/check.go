package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"proxyherd/herd"
)

func newCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say what is wrong with a config, or what herd it describes",
		Long: `Reads a config as herd up and herd serve do, and tells everything that is wrong
with it, each with its place and how to mend it (exit code 2); a key that the
upstream needs and that is not there is found too. If nothing is wrong, it tells
who talks to whom. Nothing is started, and no name is looked up.`,
		Example: examples("herd check " + usualConfig),
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s := settings{path: args[0]}
			config, err := s.readToServe(c.ErrOrStderr())
			if err != nil {
				return err
			}
			return writeSummary(c.OutOrStdout(), args[0], config)
		},
	}
}

// writeSummary tells what herd a config describes.
func writeSummary(out io.Writer, path string, config herd.Config) error {
	topology, err := herd.NewTopology(config.Servers)
	if err != nil {
		return usageError{err}
	}
	fmt.Fprintf(out, "%s is good: herd %q of %s, %s; WHATSAT asks %s at %s.\n\n", path, config.Herd,
		count(len(config.Servers), "server"), count(topology.Links(), "link"), config.Upstream.Kind, addressOf(config.Upstream))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "server\tclients\tneighbours\tstatus\ttalks to")
	for _, s := range config.Servers {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.Clients, orDash(s.Peers), orDash(s.HTTP),
			orDash(strings.Join(topology.Neighbours(s.Name), ", ")))
	}
	return table.Flush()
}
