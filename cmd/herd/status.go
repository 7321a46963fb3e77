package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxyherd/herd"
)

// errNotWell is the verdict on a herd of which something is down, behind or not
// known.
var errNotWell = errors.New("not all is well")

func newStatus() *cobra.Command {
	var s settings
	var asJSON, onlyReady bool
	look := lookout{now: time.Now}
	c := &cobra.Command{
		Use:   "status [SERVER...]",
		Short: "Tell how the servers and the links between them are",
		Long: `Asks each SERVER (without one: each of the config) for its status page, all at
once, and prints a row for each server and a row for each link. The exit code is 0
if every server answers and every link is up and in sync, else 1. Unless the config
has an http_token_file, status pages are on loopback: ask on the servers' own
machine, or through a tunnel.

Servers: size is what the records take, root the beginning of their digest. Equal
records have equal roots; under load roots differ for a moment, so links tell what
is in sync. clock is how far the server's clock is ahead (+) of this machine's;
"same" is nearer than the time that the answer took can tell.

Links have a row each, with what both ends say:
  state       up or down; where the ends differ, what the first says, "/", and what
              the second says. unreached: that server does not answer; unasked: it
              was not asked; unlisted: it answers, and has no such link, as it was
              started with another config
  sync        what the later of the two ends' comparisons came to; one that is older
              than ` + herd.SyncTrust.String() + ` counts for nothing: unknown
  round trip  the longer of the two that the ends have measured
  clock       how far the second's clock is ahead of the first's; the larger of two
  waiting     bytes that the first has for the second, "/", and the other way round
Below the row stands what is the matter, such as the last losses at each end, and
what the last exchange of records came to.

--json prints all that the servers say, and what this command makes of it, as one
JSON document.

--ready asks only whether the servers are worth asking: each listens for clients, is
not stopping, and knows what it has missed. The exit code is 0 if all are. Links that
are down do not count: it is for those who send clients to servers, such as the
readiness probe of a container.`,
		Example: examples(
			"herd status",
			"herd status Hill Meeks",
			"herd status --ready Hill",
			"herd status --json | jq '.links[] | select(.well | not)'",
		),
		RunE: func(c *cobra.Command, args []string) error {
			config, err := s.read(c.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := look.check(config, args); err != nil {
				return usageError{err}
			}
			if onlyReady {
				return look.readiness(c.Context(), c.OutOrStdout(), config, args, asJSON)
			}
			seen, err := look.over(c.Context(), config, args)
			if err != nil {
				return err
			}
			// The tables come before the verdict, which is for standard error: it may
			// be read by somebody else.
			write := writeTables
			if asJSON {
				write = writeJSON
			}
			if err := write(c.OutOrStdout(), seen); err != nil {
				return fmt.Errorf("writing the status: %w", err)
			}
			return seen.verdict()
		},
	}
	s.addConfig(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document instead of tables")
	c.Flags().BoolVar(&onlyReady, "ready", false, "ask only whether the servers are ready")
	c.Flags().DurationVar(&look.timeout, "timeout", 2*time.Second, "how long each server may take to answer")
	return c
}

// overview is what was seen of a herd.
type overview struct {
	Herd    string       `json:"herd"`
	At      time.Time    `json:"at"`   // by this machine's clock
	Well    bool         `json:"well"` // what the exit code says
	Servers []sighting   `json:"servers"`
	Links   []linkReport `json:"links"`

	future time.Duration // of the herd: what its clocks may be apart depends on it
}

// verdict returns nil if all is well, else an error that wraps errNotWell and
// counts what is not; the tables have the details. Links are judged and not roots:
// those differ for a moment whenever a report is on its way.
func (o *overview) verdict() error {
	silent, unsaved, unwritten, down, behind := 0, 0, 0, 0, 0 // each link is counted once, for the worst of it
	apart, lacking := 0, 0                                    // and so is each server on a backbone
	for _, s := range o.Servers {
		if s.Status == nil {
			silent++
			continue
		}
		if j := s.Status.Journal; j != nil && !j.FailedSince.IsZero() {
			unsaved++
		}
		if k := s.Status.Sink; k != nil && !k.FailedSince.IsZero() {
			unwritten++
		}
		if b := s.Status.Backbone; b != nil && !b.Connected {
			apart++
		} else if b != nil && len(behindOn(b)) > 0 {
			lacking++
		}
	}
	for _, l := range o.Links {
		switch {
		case !l.up():
			down++
		case !l.Well:
			behind++
		}
	}
	var wrong []string
	for _, part := range []struct {
		bad, all int
		what     string
	}{
		{silent, len(o.Servers), "servers without an answer"},
		{unsaved, len(o.Servers), "servers whose journal has failed"},
		{unwritten, len(o.Servers), "servers whose sink has failed"},
		{apart, len(o.Servers), "servers cut off from the backbone"},
		{lacking, len(o.Servers), "servers with shards not known to be in sync"},
		{down, len(o.Links), "links not known to be up"},
		{behind, len(o.Links), "links up, but not known to be in sync"},
	} {
		if part.bad > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d of %d", part.what, part.bad, part.all))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", errNotWell, strings.Join(wrong, "; "))
}

// check finds what is wrong with the command line.
func (l *lookout) check(config herd.Config, asked []string) error {
	if l.timeout <= 0 {
		return fmt.Errorf("--timeout %v leaves no time to answer; give some, such as 2s", l.timeout)
	}
	for _, name := range asked {
		if _, found := config.Server(name); !found {
			return fmt.Errorf("%w: %q; the herd has %s", herd.ErrUnknownName, name, names(config.Servers))
		}
	}
	return nil
}
