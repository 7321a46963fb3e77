package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"proxyherd/herd"
)

func newTop() *cobra.Command {
	var s settings
	t := topRun{look: lookout{now: time.Now}}
	c := &cobra.Command{
		Use:   "top [SERVER...]",
		Short: "Watch the servers and their links, second by second",
		Long: `Asks the servers again and again, as herd status does once, and shows what they do
per second and how their links are. Rates are between two answers of a server, by
its own clock; "-" until there are two, and after it was started anew.

  WHATSAT in    how long the upstream's answers took meanwhile, in the mean
  peers/s       what neighbours told it, new or not
  slowest turn  of its loop in the last minute or two; the second line has the
                slowest of all servers, and names the callback
  answers in    how long its page took, and so how busy its loop is
  upstream/s    what it asked the upstream

On a terminal:
  left, right    choose the column to sort by; none is the order of the config
  r              reverse that order
  tab            choose the table that these keys sort
  up, down       scroll; page up and page down by ` + fmt.Sprint(pageLines) + ` lines
  space          pause, and go on
  q, Ctrl-C      quit
Elsewhere, and with --plain, each look is printed, with an empty line behind it.
NO_COLOR in the environment, set to anything, switches colours off.

--once prints one look, with the rates of one --interval. --json prints each look
as a line of JSON.`,
		Example: examples(
			"herd top",
			"herd top --interval 5s Farmar Hill",
			"herd top --once",
			"herd top --json | jq -c '.rates_per_second[]'",
		),
		RunE: func(c *cobra.Command, args []string) error {
			config, err := s.read(c.ErrOrStderr())
			if err != nil {
				return err
			}
			t.config, t.servers = config, args
			if err := t.check(); err != nil {
				return usageError{err}
			}
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			terminal, is := terminalOf(c.InOrStdin(), c.OutOrStdout())
			if is && !t.once && !t.json && !t.plain {
				return t.onTerminal(ctx, terminal)
			}
			return t.onPaper(ctx, c.OutOrStdout())
		},
	}
	s.addConfig(c)
	c.Flags().DurationVar(&t.interval, "interval", time.Second, "from one look to the next")
	c.Flags().DurationVar(&t.look.timeout, "timeout", 2*time.Second, "how long each server may take to answer")
	c.Flags().BoolVar(&t.once, "once", false, "print one look, and end")
	c.Flags().BoolVar(&t.plain, "plain", false, "print the looks one below the other on a terminal too")
	c.Flags().BoolVar(&t.json, "json", false, "print each look as a line of JSON")
	return c
}

// leastInterval keeps a look at a server from being most of what it does.
const leastInterval = 100 * time.Millisecond

// topRun is herd top at work.
type topRun struct {
	look              lookout
	config            herd.Config
	servers           []string // none: all
	interval          time.Duration
	once, plain, json bool
}

// check finds what is wrong with the command line.
func (t *topRun) check() error {
	if t.interval < leastInterval {
		return fmt.Errorf("--interval %v is too short to be of use; give %v or more", t.interval, leastInterval)
	}
	return t.look.check(t.config, t.servers)
}

// looks sends a look at the herd after each interval until ctx is done, and then
// closes seen. The pause begins with the answers: slow servers are not pressed.
func (t *topRun) looks(ctx context.Context, seen chan<- *overview) error {
	defer close(seen)
	for {
		o, err := t.look.over(ctx, t.config, t.servers)
		if err != nil {
			return err
		}
		select {
		case seen <- o:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-time.After(t.interval):
		case <-ctx.Done():
			return nil
		}
	}
}

// watched runs looks beside what takes them, and returns how both ended.
func (t *topRun) watched(ctx context.Context, take func(ctx context.Context, seen <-chan *overview) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	seen, ended := make(chan *overview), make(chan error, 1)
	go func() {
		if t.look.guard != nil {
			defer t.look.guard()
		}
		ended <- t.looks(ctx, seen)
	}()
	err := take(ctx, seen)
	stop()
	return firstOf(err, <-ended)
}

// onPaper prints looks: all until ctx is done, or the second one, which has rates.
func (t *topRun) onPaper(ctx context.Context, out io.Writer) error {
	return t.watched(ctx, func(ctx context.Context, seen <-chan *overview) error {
		var last *frame
		for o := range seen {
			if ctx.Err() != nil {
				return nil // the servers were not all asked
			}
			first := last == nil
			last = last.next(o)
			if t.once && first {
				continue
			}
			if err := t.print(out, last); err != nil || t.once {
				return err
			}
		}
		return nil
	})
}

func (t *topRun) print(out io.Writer, f *frame) (err error) {
	if t.json {
		err = writeDocument(out, f)
	} else {
		_, err = io.WriteString(out, plainFrame(f))
	}
	if err != nil {
		return fmt.Errorf("writing what was seen: %w", err)
	}
	return nil
}

// onTerminal shows looks on the whole screen until a key or a signal ends it.
func (t *topRun) onTerminal(ctx context.Context, screen *terminal) error {
	// Whatever else ends a program: the terminal must be given back.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, unix.SIGWINCH)
	defer signal.Stop(resized)
	if err := screen.begin(); err != nil {
		return err
	}
	defer screen.end()
	t.look.guard = screen.endOnPanic
	return t.watched(ctx, func(ctx context.Context, seen <-chan *overview) error {
		model := topModel{coloured: os.Getenv("NO_COLOR") == ""}
		keys := make(chan string)
		go screen.readKeys(ctx, keys) // ends with ctx, and with the terminal
		for !model.done {
			if err := screen.show(model.view(screen.size())); err != nil {
				return fmt.Errorf("writing to the terminal: %w", err)
			}
			select {
			case o, more := <-seen:
				if !more || ctx.Err() != nil {
					return nil
				}
				model.saw(o)
			case key, more := <-keys:
				if !more {
					return nil
				}
				model.press(key)
			case <-resized:
			case <-ctx.Done():
				return nil
			}
		}
		return nil
	})
}
