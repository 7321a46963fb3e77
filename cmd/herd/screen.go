package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"golang.org/x/sys/unix"

	"proxyherd/herd"
)

// screen is where herd up shows what its processes say. It is for one goroutine.
type screen struct {
	out    io.Writer
	width  int               // of the longest name
	colour map[string]string // what switches a name's colour on; empty: no colours
}

// upName stands before what herd up itself has to say.
const upName = "herd"

// colours are those of ANSI that can be read on a light and on a dark ground.
var colours = []string{"\x1b[36m", "\x1b[32m", "\x1b[35m", "\x1b[33m", "\x1b[34m", "\x1b[31m"}

const colourOff = "\x1b[0m"

// newScreen gives each name a colour, if out is a terminal and the user has not
// said otherwise (https://no-color.org).
func newScreen(out io.Writer, names []string) *screen {
	s := &screen{out: out, width: len(upName), colour: make(map[string]string)}
	coloured := isTerminal(out) && os.Getenv("NO_COLOR") == ""
	for i, name := range names {
		s.width = max(s.width, len(name))
		if coloured {
			s.colour[name] = colours[i%len(colours)]
		}
	}
	return s
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	return err == nil
}

// said shows a line of a process.
func (s *screen) said(name, line string) {
	label := fmt.Sprintf("%-*s |", s.width, name)
	if colour := s.colour[name]; colour != "" {
		label = colour + label + colourOff
	}
	fmt.Fprintln(s.out, label, line)
}

// note shows what herd up itself has to say.
func (s *screen) note(text string) { s.said(upName, text) }

// welcome tells where the servers are and what to try, once all are ready.
func (s *screen) welcome(c *crew) {
	fmt.Fprint(s.out, "\nThe herd is up.\n\n")
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "server\tprocess\tclients\tneighbours\tstatus")
	for _, p := range c.servers {
		news, page := c.news[p.Name], "-"
		if address := readyPart(news, "http"); address != "" {
			page = "http://" + address + "/status.json"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", p.Name, readyPart(news, "pid"), readyPart(news, "clients"),
			orDash(readyPart(news, "peers")), page)
	}
	_ = table.Flush() // fails, as every write here, only if nobody looks any more
	if c.upstream != nil {
		news := c.news[c.upstream.Name]
		fmt.Fprintf(s.out, "\n%s, process %s, stands in for Twitter: %s\n",
			c.upstream.Name, readyPart(news, "pid"), readyPart(news, "url"))
	}
	if c.live != nil {
		fmt.Fprintf(s.out, "\nSee it in a browser: %s\n", c.live.url())
	}
	fmt.Fprint(s.out, "\nTry, in another terminal:\n")
	for _, command := range suggestions(c.config, c.news) {
		fmt.Fprintf(s.out, "  %s\n", command)
	}
	fmt.Fprintf(s.out, "\nLogs are in %s. Ctrl-C stops the herd.\n\n", c.config.Log.Dir)
}

// suggestions are commands to paste: a report to one server, a question to
// another, and a look at the first.
func suggestions(config herd.Config, news map[string]string) []string {
	first, last := config.Servers[0].Name, config.Servers[len(config.Servers)-1].Name
	send := programName() + " send "
	list := []string{
		send + readyPart(news[first], "clients") + " '" + kiwiIsAt + "'",
		send + readyPart(news[last], "clients") + " '" + whatsNear + "'",
	}
	if page := readyPart(news[first], "http"); page != "" {
		list = append(list, "curl http://"+page+"/status.json")
	}
	return list
}
