package main

import (
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"proxyherd/herd"
)

// What can keep herd watch from seeing anything.
var (
	errNoLines = errors.New("the servers write no lines into their logs")
	errNoLogs  = errors.New("there is no log to read")
)

func newWatch() *cobra.Command {
	var s settings
	var dir string
	w := watchRun{}
	c := &cobra.Command{
		Use:   "watch [ID]",
		Short: "Follow where clients are, a line for each update",
		Long: `Follows the servers' logs, puts them together by time, and prints a line for each
update: when, at which server it came in, and its AT line. With ID only those of
that client. An update that another server learns later is not told again; with
--each it is, so that one sees it travel through the herd.

It goes on until Ctrl-C or SIGTERM. It begins with what comes next; with --past it
begins with what is in the logs (not in those that were rotated away). --once
prints what is in them, and ends.

What it does not know:
  - servers whose logs are not on this machine: they are told of, and looked for
  - what was before it began: a report that is older than one from before is
    taken for news, which --past avoids
  - lines that a server's log dropped, as the disk was too slow
It is a quarter of a second behind, and its order is that of the servers' clocks,
as far as a log is not later than that. It holds the newest record of a million
clients; what comes beyond may be printed more than once.`,
		Example: examples(
			"herd watch",
			"herd watch kiwi.cs.ucla.edu",
			"herd watch --each --past kiwi.cs.ucla.edu",
			"herd watch --once --json | jq -r .id | sort | uniq -c",
		),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			config, err := s.read(c.ErrOrStderr())
			if err != nil {
				return err
			}
			if !config.Log.Lines {
				return usageError{fmt.Errorf("%w: set log.lines to true", errNoLines)}
			}
			if dir != "" {
				config.Log.Dir = dir
			}
			if len(args) > 0 {
				w.id = args[0]
			}
			w.out, w.warn = c.OutOrStdout(), c.ErrOrStderr()
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return w.run(ctx, config)
		},
	}
	s.addConfig(c)
	c.Flags().StringVar(&dir, "log", "", "the `DIR`ectory of the logs, instead of log.dir")
	c.Flags().BoolVar(&w.each, "each", false, "tell of an update at each server that learns it")
	c.Flags().BoolVar(&w.past, "past", false, "begin with what is in the logs")
	c.Flags().BoolVar(&w.once, "once", false, "print what is in the logs, and end")
	c.Flags().BoolVar(&w.json, "json", false, "print each update as a line of JSON")
	return c
}

// watchRun is herd watch at work.
type watchRun struct {
	id                     string // ""; every client
	each, past, once, json bool
	out, warn              io.Writer

	tails  []*logTail
	known  map[string]*herd.Store // by server; "" for the whole herd
	future time.Duration
	key    herd.HashKey
	full   bool // the store was, once
}

// The most that is remembered, to tell news from what is known: for each server
// with --each.
var watchRoom = herd.Room{Records: 1 << 20, Bytes: 1 << 28}

// told is an update for programs.
type told struct {
	Time     string `json:"time"`
	Server   string `json:"server"`   // where it was learnt
	Received string `json:"received"` // the server that the client told
	ID       string `json:"id"`
	Location string `json:"location"`
	Client   string `json:"client_time"`
	Line     string `json:"line"`
}

// logTime is how the logs write a time.
const logTime = "2006-01-02T15:04:05.000000Z"

// tell prints an update, unless it is older than what is known or of another
// client.
func (w *watchRun) tell(u update) error {
	if w.id != "" && string(u.record.ID) != w.id || !w.isNews(u) {
		return nil
	}
	at := u.at.UTC().Format(logTime)
	var err error
	if w.json {
		r := &u.record
		err = writeDocument(w.out, told{at, u.server, string(r.Server), string(r.ID), string(r.Location), string(r.Time), u.line})
	} else {
		_, err = fmt.Fprintf(w.out, "%s %s %s\n", at, u.server, printable(u.line))
	}
	if err != nil {
		return fmt.Errorf("writing the updates: %w", err)
	}
	return nil
}

// isNews says whether the one who is told does not know an update, nor a later
// one; by the servers' own rule, so that what they pass over is passed over here.
func (w *watchRun) isNews(u update) bool {
	whose := ""
	if w.each {
		whose = u.server
	}
	store := w.known[whose]
	if store == nil {
		store = herd.NewStore(herd.StoreSettings{Future: w.future, Key: w.key, Buckets: fewBuckets})
		w.known[whose] = store
	}
	changed, err := store.Put(&u.record, watchRoom)
	if err != nil && !w.full {
		w.full = true
		fmt.Fprintf(w.warn, "herd: warning: there are more than %d clients; from here on, updates may be printed more than once\n", store.Len())
	}
	return changed || err != nil
}

// printable writes what a terminal would not show but do as escapes.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strconv.IsPrint(r) && r != utf8.RuneError {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}
