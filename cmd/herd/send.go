package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxyherd/herd"
)

// errNoSuchServer is a server that cannot be found by what the user calls it.
var errNoSuchServer = errors.New("neither a server of the herd nor HOST:PORT")

func newSend() *cobra.Command {
	var s settings
	talk := conversation{}
	c := &cobra.Command{
		Use:   "send SERVER|HOST:PORT [LINE...]",
		Short: "Send lines to a server and print its answers",
		Long: `Sends each LINE, or standard input if there is none, says that nothing more will
come, and prints the answers until all are there. SERVER is a name in the config.`,
		Example: examples(
			"herd send Farmar 'IAMAT kiwi.cs.ucla.edu +34.068930-118.445127 1479413884.392014450'",
			"herd send Hill 'WHATSAT kiwi.cs.ucla.edu 10 5'",
			`herd send Hill "IAMAT me +34.0689-118.4451 $(date +%s)" 'WHATSAT me 10 2'`,
			"herd send 127.0.0.1:12000 < commands.txt",
		),
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			config, err := s.read(c.ErrOrStderr())
			if err != nil {
				return err
			}
			address, err := clientAddress(config, args[0])
			if err != nil {
				return usageError{err}
			}
			talk.lines = c.InOrStdin()
			if len(args) > 1 {
				talk.lines = strings.NewReader(strings.Join(args[1:], "\n") + "\n")
			}
			talk.out = c.OutOrStdout()
			return talk.with(c.Context(), address)
		},
	}
	s.addConfig(c)
	c.Flags().BoolVar(&talk.strict, "strict", false, `fail (exit code 1) if an answer begins with "?"`)
	c.Flags().DurationVar(&talk.timeout, "timeout", 30*time.Second,
		"how long to wait for the connection, and for each answer once all is sent")
	return c
}

// clientAddress finds where a server takes clients.
func clientAddress(config herd.Config, server string) (string, error) {
	s, found := config.Server(server)
	address := s.Clients
	if !found {
		address = server
	}
	_, port, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return "", fmt.Errorf("%q is %w; the herd has %s", server, errNoSuchServer, names(config.Servers))
	case port == "0":
		return "", fmt.Errorf("%s takes any free port; give HOST:PORT, as its ready line tells it", server)
	}
	return address, nil
}
