package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// begunMark is set in the annotations of a command once it begins.
const begunMark = "begun"

// newRoot makes the command herd with all that is under it.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "herd",
		Short: "Application servers that share where their clients are",
		Long: `Herd runs application servers that share where their clients are. A client tells
any of them its place with IAMAT; the servers pass it on among themselves; and
WHATSAT at any of them asks what is going on near a client.

Exit codes (more in herd help exit-codes):` + exitCodeList(),
		Example: examples(
			"herd demo    # see it work, in less than 20 seconds",
			"herd up      # run the built-in herd of five until Ctrl-C",
			"herd send Farmar 'IAMAT kiwi.cs.ucla.edu +34.068930-118.445127 1479413884.392014450'",
			"herd send Hill 'WHATSAT kiwi.cs.ucla.edu 10 5'",
		),
		// A failure at work is no reason to explain the command line, and all
		// errors are told in one place.
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRun: func(c *cobra.Command, _ []string) {
			c.Annotations = map[string]string{begunMark: "yes"}
		},
	}
	root.AddCommand(newUp(), newServe(), newStatus(), newTop(), newWatch(), newSend(), newUpstream(), newDemo(), newSim(), newBench(),
		newInit(), newCheck(), newCompletion(), newMan(), newVersion())
	root.AddCommand(newTopics()...)
	addCompletions(root)
	return root
}

// examples indents the lines of an example as cobra's help has it.
func examples(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }
