package main

import (
	"errors"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
)

func newServe() *cobra.Command {
	var s settings
	var supervised, profiles bool
	c := &cobra.Command{
		Use:   "serve NAME",
		Short: "Run one server of the herd in the foreground",
		Long: `Runs the named server until SIGTERM or Ctrl-C: it then takes no more clients,
answers what waits, sends its neighbours what they do not have yet, and exits 0. A
second signal ends it at once with exit code 1. SIGHUP opens the log anew, as after
renaming it, and reads the config and the secret again: log.level counts at once,
and the secret for links that open from then on. What else has changed is told in
the log, and waits for a new start. Under systemd, as a service of Type=notify, it
tells when it serves, that its loop turns (WatchdogSec) and when it stops.

Its log is NAME.log in log.dir; events are written to standard error too. When it
serves, one line that begins with "ready" goes to standard output.

The servers of a herd prove to each other that they know its secret. Without
secret_file that is the file ` + configfile.SecretName + ` beside the config, on loopback only. (herd up
makes a secret for its run, so a server that is started by hand can join that herd
only if the config has a secret_file.)`,
		Example: examples("herd serve Farmar", "herd serve Hill --config "+usualConfig),
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			// A log that nobody reads any more must not end the server.
			signal.Ignore(syscall.SIGPIPE)
			collectSoon()
			m := member{name: args[0], out: c.OutOrStdout(), echo: c.ErrOrStderr(), profiles: profiles}
			if supervised {
				err := m.serveForParent(c)
				if err != nil {
					fmt.Fprintf(m.out, "failed %s\n", oneLine(err))
					return errTold
				}
				return nil
			}
			config, err := s.readToServe(c.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := m.isIn(config); err != nil {
				return err
			}
			keys, err := configfile.Secret(s.place(), config)
			if err != nil {
				return err
			}
			m.read = func() (herd.Config, [][]byte, error) {
				config, err := s.readToServe(c.ErrOrStderr())
				if err == nil {
					err = m.isIn(config)
				}
				if err != nil {
					return herd.Config{}, nil, err
				}
				keys, err := configfile.Secret(s.place(), config)
				return config, keys, err
			}
			return m.serve(c.Context(), config, keys)
		},
	}
	s.addConfig(c)
	s.addDesign(c)
	c.Flags().BoolVar(&profiles, "pprof", false, "serve profiles too, under /debug/pprof/ of the http port")
	addSupervised(c, &supervised)
	return c
}

// addSupervised adds the flag of a child of herd up.
func addSupervised(c *cobra.Command, to *bool) {
	c.Flags().BoolVar(to, supervisedFlag, false, "run as a child of herd up")
	// The flag was added a line above, so it is there to be hidden.
	_ = c.Flags().MarkHidden(supervisedFlag)
}

// serveForParent is serve with what the parent hands over, for as long as the
// parent lives.
func (m *member) serveForParent(c *cobra.Command) error {
	h, gone, err := takeOver(c.InOrStdin())
	if err != nil {
		return err
	}
	m.gone = gone
	return errors.Join(m.isIn(h.Config), m.serve(c.Context(), h.Config, h.Keys))
}

// isIn returns a usageError unless config has the server.
func (m *member) isIn(config herd.Config) error {
	if _, found := config.Server(m.name); found {
		return nil
	}
	return usageError{fmt.Errorf("%w: %q; the herd has %s", herd.ErrUnknownName, m.name, names(config.Servers))}
}
