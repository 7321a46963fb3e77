package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// exitCodes are what every command's exit code means. This is the one place that
// tells it.
var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitOK, "it did what was asked"},
	{exitFailed, "it failed, or a second signal ended it at once; standard error says why"},
	{exitUsage, "the command line or the config cannot be used; nothing was started"},
}

// verdicts are what a command's exit code says beside that.
var verdicts = []struct{ command, meaning string }{
	{"bench", "0: it was measured, without errors and within the bounds given; 1: it could not be, or was not"},
	{"check", "0: the config is good; 1: with --reach, an address did not answer; 2: the config is wrong"},
	{"completion", "0: the script is written"},
	{"demo", "0: all happened as told; 1: something did not"},
	{"init", "0: the file is written; 1: it was there already, or cannot be written"},
	{"man", "0: the pages are written; 1: they cannot be"},
	{"send", "0: every line was answered; 1: one was not, or with --strict one was invalid"},
	{"serve", "0: the server was asked to end, and ended in order; 1: it could not start, or failed"},
	{"sim", "0: every promise was kept; 1: one was broken, or a fault never occurred, or an update cost what it should not"},
	{"status", "0: all is well (with --ready: every server is ready); 1: a server, a link or a comparison is not"},
	{"top", "0: q, Ctrl-C or SIGTERM ended it, however the servers are"},
	{"up", "0: the herd was asked to end, and all ended in order; 1: a server could not start, or failed"},
	{"upstream", "0: the stand-in was asked to end; 1: it could not start"},
	{"version", "0: the versions are told"},
	{"watch", "0: Ctrl-C or SIGTERM ended it, or with --once the logs' end"},
}

// exitCodeList is the list, each line indented.
func exitCodeList() string {
	var b strings.Builder
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "\n  %d  %s", e.code, e.meaning)
	}
	return b.String()
}

// newTopics are pages of help that are no commands.
func newTopics() []*cobra.Command {
	commands := ""
	for _, v := range verdicts {
		commands += fmt.Sprintf("\n  %-10s  %s", v.command, v.meaning)
	}
	return []*cobra.Command{{
		Use:   "exit-codes",
		Short: "What the exit codes of the commands mean",
		Long: "Every command ends with one of these exit codes:\n" + exitCodeList() + `

Answers go to standard output, and what is wrong to standard error, a line each
that begins with "herd: ". What the codes mean for each command:
` + commands,
	}, {
		Use:   "configuration",
		Short: "Where settings come from: file, environment, flags",
		Long: `A setting is taken from the last of these places that gives it:

  1. the built-in herd
  2. the file: --config FILE, else ` + usualConfig + ` here if there is one
  3. the environment: HERD_ and the key in capitals, with "_" between its parts
  4. --set KEY=VALUE, which may be repeated; the last one counts
  5. --design, for servers[].design

For example limits.connections is HERD_LIMITS_CONNECTIONS=100 in the environment,
and --set limits.connections=100 on the command line. Servers are counted from 0:
servers[0].clients is HERD_SERVERS_0_CLIENTS; servers as a whole is HERD_SERVERS,
a list in JSON as in the file. A list of names is written with blanks between
them: HERD_SERVERS_0_TALKS_TO="Meeks Young". Texts stand without quotes.

herd init --describe tells each key, its variable, its default and its meaning;
herd check tells which settings come from elsewhere than the file.

A value that cannot be used is refused wherever it comes from (exit code 2). A
HERD_ variable that is no setting is told of and passed over, as it may be some
other program's; that which upstream.key_env names is the upstream's key. A place
that gives upstream.kind and not upstream.url means the kind's own address. The
servers of herd up get the settings from it, and not from their environment.`,
	}}
}
