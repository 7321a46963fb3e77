package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxyherd/herd"
)

func newCheck() *cobra.Command {
	var s settings
	var form graphForm
	var dials, asJSON bool
	timeout := 2 * time.Second
	c := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say what is wrong with a config, or what herd it describes",
		Long: `Reads a config as herd up and herd serve do, and tells everything that is wrong
with it, each with its place and how to mend it (exit code 2): one-sided links,
names and addresses that are used twice, values out of range; a key that the
upstream needs and that is not there is found too. Without FILE it is the config
that the other commands would take. A herd in several pieces gets a warning.

If nothing is wrong, it tells who talks to whom, where servers listen if that is not
where they are dialled, which servers the herd hangs on, and which settings come
from elsewhere than the file. Nothing is started, and no name is looked up, but with
--reach, which dials every address that others dial, from here, and hangs up without
a word; the exit code is then 1 if one does not answer. (Servers note such a call in
their logs.)

--graph prints only the herd's graph: as a tree of text, or as a picture in SVG.
--json prints all that is known as one JSON document, also of a config that is
wrong.`,
		Example: examples(
			"herd check "+usualConfig,
			"herd check --reach",
			"herd check --graph=svg > herd.svg",
			"herd check --set 'servers[2].talks_to=Meeks Young' --set 'servers[4].talks_to=Farmar Gasol Hill'",
		),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				s.path = args[0]
			}
			if form != "" && (dials || asJSON) {
				return usageError{fmt.Errorf("--graph prints the graph alone; leave out --reach and --json")}
			}
			if timeout <= 0 {
				return usageError{fmt.Errorf("--timeout %v leaves no time to answer; give some, such as 2s", timeout)}
			}
			r := &checkReport{}
			err := r.read(&s, c.ErrOrStderr())
			if err == nil && dials {
				r.Reach = reach(c.Context(), r.config, timeout)
			}
			switch {
			case asJSON:
				err = firstOf(err, writeDocument(c.OutOrStdout(), r))
			case err == nil:
				err = r.write(c.OutOrStdout(), form)
			}
			return firstOf(err, reachVerdict(r.Reach))
		},
	}
	s.addSet(c)
	c.Flags().Var(&form, "graph", "print only the graph of the herd: text or svg")
	c.Flags().BoolVar(&dials, "reach", false, "dial every address")
	c.Flags().DurationVar(&timeout, "timeout", timeout, "how long each address may take to answer --reach")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

// firstOf returns the first error that there is. A verdict comes after what kept
// it from being told.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkReport is what there is to say about a config.
type checkReport struct {
	File     string         `json:"file"` // "" for the built-in herd
	Good     bool           `json:"good"`
	Errors   []string       `json:"errors"`
	Warnings []string       `json:"warnings"`
	Given    []givenSetting `json:"given"` // elsewhere than in the file
	Config   *herd.Config   `json:"config"`
	Links    [][2]string    `json:"links"`
	Pieces   [][]string     `json:"pieces"`
	Cuts     []cut          `json:"cuts"`
	Reach    []attempt      `json:"reach"` // null unless it was asked for

	config   herd.Config
	topology *herd.Topology
}

// givenSetting is a setting from the environment or a flag.
type givenSetting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from"`
}

// read reads the config and finds out about it. The error is a usageError, and is
// in the report too.
func (r *checkReport) read(s *settings, warn io.Writer) (err error) {
	r.File = s.file()
	r.Errors, r.Warnings, r.Given = []string{}, []string{}, []givenSetting{}
	defer func() {
		if err != nil {
			r.Errors = strings.Split(err.Error(), "\n")
		}
		r.Good = err == nil
	}()
	if r.config, err = s.readToServe(warn); err != nil {
		return err
	}
	if r.topology, err = herd.NewTopology(r.config.Servers); err != nil {
		return usageError{err}
	}
	r.Config = &r.config
	r.Warnings = append(r.Warnings, s.warnings...)
	for _, o := range s.overrides {
		r.Given = append(r.Given, givenSetting{o.Key, o.Value, o.From})
	}
	r.Links, r.Pieces = linkList(r.topology), r.topology.Pieces()
	r.Cuts = cutsOf(r.topology)
	return nil
}

// write tells people what herd it is, or draws it.
func (r *checkReport) write(out io.Writer, form graphForm) error {
	text := r.summary()
	switch form {
	case graphText:
		text = textGraph(r.topology)
	case graphSVG:
		text = svgGraph(r.topology, r.Cuts)
	}
	_, err := io.WriteString(out, text)
	return err
}

// reaches tells whom a server talks to or, on a backbone, which shards it holds.
func (r *checkReport) reaches(s *herd.Server) string {
	switch {
	case r.config.Backbone.Kind == herd.BackboneLinks:
		return orDash(strings.Join(r.topology.Neighbours(s.Name), ", "))
	case len(s.Shards) == 0:
		return "all"
	}
	return strings.Trim(fmt.Sprint(s.Shards), "[]")
}

// summary tells what herd a config describes.
func (r *checkReport) summary() string {
	config, file := &r.config, r.File
	if file == "" {
		file = "The built-in config"
	}
	joined, last := count(r.topology.Links(), "link"), "talks to"
	if b := config.Backbone; b.Kind != herd.BackboneLinks {
		joined, last = fmt.Sprintf("%s at %s, %s", b.Kind, b.URL, count(b.Shards, "shard")), "shards"
	}
	text := fmt.Sprintf("%s is good: herd %q of %s, %s; WHATSAT asks %s at %s.\n\n", file, config.Herd,
		count(len(config.Servers), "server"), joined, config.Upstream.Kind, addressOf(config.Upstream))
	var t table
	t.row("server", "clients", "neighbours", "status", last)
	for _, s := range config.Servers {
		t.row(s.Name, s.Clients, orDash(s.Peers), orDash(s.HTTP), r.reaches(&s))
	}
	text += t.String() + listenTable(config.Servers)
	if len(r.Cuts)+len(r.Given) > 0 {
		text += "\n"
	}
	for _, c := range r.Cuts {
		text += visible(c.String()) + "\n"
	}
	for _, g := range r.Given {
		text += visible(fmt.Sprintf("%s=%s comes from %s.", g.Key, g.Value, g.From)) + "\n"
	}
	if r.Reach != nil {
		text += "\n" + reachTable(r.Reach)
	}
	return text
}

// listenTable tells where servers listen, of those for which that is said; "" if it is
// said of none.
func listenTable(servers []herd.Server) string {
	var t table
	t.row("server", "listens for clients", "neighbours", "status")
	said := false
	for _, s := range servers {
		if s.Listen != (herd.Listen{}) {
			bound := s.Bound()
			t.row(s.Name, bound.Clients, orDash(bound.Peers), orDash(bound.HTTP))
			said = true
		}
	}
	if !said {
		return ""
	}
	return "\n" + t.String()
}
