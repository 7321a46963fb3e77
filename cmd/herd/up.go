package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"proxyherd/cmd/herd/internal/supervise"
	"proxyherd/herd"
	"proxyherd/herd/configfile"
)

// standinName is what reports call the stand-in.
const standinName = "upstream"

func newUp() *cobra.Command {
	var s settings
	var standin bool
	restart := restartAlways
	page := usualPage
	c := &cobra.Command{
		Use:   "up",
		Short: "Run the whole herd, each server as a process of its own",
		Long: `Runs every server of the config as a process of its own, and shows what they say.
When all are ready it tells where they are. Ctrl-C or SIGTERM stops them in order; a
second one ends them at once.

A server that dies is started again, after a pause that grows if it goes on dying.
If a server cannot be started at all, none is left running. The servers end with
this process, whatever it dies of.

The live page shows them at work in a browser: where clients are, and each report as
it travels from server to server. It is on --page, or on any free port if that is
taken and was not asked for.

The stand-in for the upstream runs along if upstream.url has the built-in host and
port. --standin starts it at any upstream.url of this machine, --standin=false never.

Without secret_file the servers get a random secret for this run. They get it, and
the config, through a pipe: it stands in no file, argument or environment. Edit the
config, and start herd up again.`,
		Example: examples(
			"herd up",
			"herd up --config mine.json",
			"herd up --restart=never --standin=false",
		),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			config, err := s.readToServe(c.ErrOrStderr())
			if err != nil {
				return err
			}
			if !c.Flags().Changed("standin") {
				standin = hostOf(config.Upstream.URL) == hostOf(herd.Default().Upstream.URL)
			}
			keys, err := runKeys(s.place(), config)
			if err != nil {
				return err
			}
			crew, err := newCrew(handover{config, keys}, standin)
			if err != nil {
				return err
			}
			crew.restart = restart == restartAlways
			if crew.live, err = openPageAt(page); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, crew.live.close()) }()
			if crew.live != nil {
				if err := crew.live.serve(config, nil); err != nil {
					return err
				}
			}
			return crew.run(newScreen(c.OutOrStdout(), crew.names()))
		},
	}
	s.addConfig(c)
	s.addDesign(c)
	addPage(c, &page)
	c.Flags().Var(&restart, "restart", "whether a server that dies is started again: always or never")
	c.Flags().BoolVar(&standin, "standin", false, "run the stand-in for the upstream too (default: if upstream.url has the built-in host and port)")
	return c
}

// restartRule is the value of --restart.
type restartRule string

const (
	restartAlways restartRule = "always"
	restartNever  restartRule = "never"
)

func (r *restartRule) String() string { return string(*r) }
func (r *restartRule) Type() string   { return "always|never" }

// Set implements pflag.Value.
func (r *restartRule) Set(text string) error {
	switch rule := restartRule(text); rule {
	case restartAlways, restartNever:
		*r = rule
		return nil
	}
	return fmt.Errorf("write %s or %s", restartAlways, restartNever)
}

// runKeys returns the secret of this run: the config's, so that servers on other
// machines can join, else a random one.
func runKeys(place string, config herd.Config) ([][]byte, error) {
	if config.SecretFile != "" {
		return configfile.Secret(place, config)
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails: it ends the program rather than give weak bytes
	return [][]byte{hex.AppendEncode(nil, key)}, nil
}

// programs are the children: the stand-in, if it is wanted, and the servers in the
// order of the config.
func programs(h handover, standin bool) (upstream *supervise.Program, servers []supervise.Program, err error) {
	path, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("finding this program's own file: %w", err)
	}
	line, err := h.line()
	if err != nil {
		return nil, nil, err
	}
	flag := "--" + supervisedFlag
	for _, s := range h.Config.Servers {
		servers = append(servers, supervise.Program{
			Name: s.Name, Path: path, Args: []string{"serve", flag, "--", s.Name}, Input: bytes.Clone(line),
		})
	}
	if standin {
		upstream = &supervise.Program{
			Name: standinName, Path: path, Args: []string{"upstream", flag, "--listen", hostOf(h.Config.Upstream.URL)},
		}
	}
	return upstream, servers, nil
}
