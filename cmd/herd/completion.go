package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	benchload "proxyherd/bench/load"
	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/sim"
)

// shells are those for which there is completion.
var shells = []string{"bash", "zsh", "fish"}

func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script that lets a shell complete this command",
		Long: `Prints the script. It completes commands, flags, the names of servers as they
stand in the config that --config names or that is here, and the keys of --set.

  bash  herd completion bash > /etc/bash_completion.d/herd    (needs bash-completion)
  zsh   herd completion zsh > "${fpath[1]}/_herd"
  fish  herd completion fish > ~/.config/fish/completions/herd.fish

and start the shell anew.`,
		Example:   examples("source <(herd completion bash)"),
		ValidArgs: shells,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(c *cobra.Command, args []string) error {
			root, out := c.Root(), c.OutOrStdout()
			write := map[string]func() error{
				"bash": func() error { return root.GenBashCompletionV2(out, true) },
				"zsh":  func() error { return root.GenZshCompletion(out) },
				"fish": func() error { return root.GenFishCompletion(out, true) },
			}[args[0]]
			if err := write(); err != nil {
				return fmt.Errorf("writing the script: %w", err)
			}
			return nil
		},
	}
}

// completeServers says which commands take names of servers, and how many.
var completeServers = map[string]int{"serve": 1, "send": 1, "status": -1, "top": -1, "bench": -1}

// addCompletions adds to each command what its arguments and flags may be, where
// that depends on the config or is a choice.
func addCompletions(root *cobra.Command) {
	for _, c := range root.Commands() {
		if most, takes := completeServers[c.Name()]; takes {
			c.ValidArgsFunction = func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
				if most >= 0 && len(args) >= most {
					return nil, cobra.ShellCompDirectiveDefault
				}
				return serverNames(c, args), cobra.ShellCompDirectiveNoFileComp
			}
		}
		for key, complete := range flagValues {
			command, flag, _ := strings.Cut(key, " ")
			if (command == "*" || command == c.Name()) && c.Flags().Lookup(flag) != nil {
				// It fails for a flag that is not there, or that was done before.
				_ = c.RegisterFlagCompletionFunc(flag, complete)
			}
		}
	}
}

// serverNames are those of the config that the command line names, without those
// that stand there already; none if it cannot be read.
func serverNames(c *cobra.Command, args []string) (names []string) {
	s := settings{path: flagText(c, "config")}
	s.set, _ = c.Flags().GetStringArray("set") // nil where there is no such flag
	config, err := s.read(io.Discard)
	if err != nil {
		return nil
	}
	for _, server := range config.Servers {
		if !slices.Contains(args, server.Name) {
			names = append(names, server.Name)
		}
	}
	return names
}

func flagText(c *cobra.Command, name string) string {
	if flag := c.Flags().Lookup(name); flag != nil {
		return flag.Value.String()
	}
	return ""
}

// flagValues are what flags take: those of one command, or of all that have one of
// the name.
var flagValues = map[string]cobra.CompletionFunc{
	"* config":     extension("json"),
	"* design":     choice(herd.Designs...),
	"up restart":   choice(string(restartAlways), string(restartNever)),
	"check graph":  choice(string(graphText), string(graphSVG)),
	"bench ids":    choice(benchload.Populations...),
	"bench format": choice(benchFormats...),
	"sim mode":     choice("both", string(sim.Safety), string(sim.Liveness)),
	"sim mistake":  choice(mistakes()...),
	"sim graph":    choice(sim.Graphs...),
	"sim script":   extension("txt"),
	"* set":        settingKeys,
}

func choice(values ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

func extension(ext string) cobra.CompletionFunc {
	return cobra.FixedCompletions([]string{ext}, cobra.ShellCompDirectiveFilterFileExt)
}

// settingKeys are the keys of --set, with the first server's for those of a list.
func settingKeys(*cobra.Command, []string, string) (list []string, _ cobra.ShellCompDirective) {
	for _, key := range configfile.Keys() {
		list = append(list, strings.Replace(key, "[]", "[0]", 1)+"=")
	}
	return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}
