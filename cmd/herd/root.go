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

Exit codes:
  0  it did what was asked
  1  it failed, or a second signal ended it at once; standard error says why
  2  the command line or the config cannot be used; nothing was started`,
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
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newUp(), newServe(), newStatus(), newSend(), newUpstream(), newDemo(), newSim(),
		newInit(), newCheck(), newVersion())
	return root
}

// examples indents the lines of an example as cobra's help has it.
func examples(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }
