package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/monitor"
)

// usualConfig is the config that is taken where none is named.
const usualConfig = "herd.json"

// settings are the flags by which commands find the herd's config.
type settings struct {
	path   string
	design string
}

func (s *settings) addConfig(c *cobra.Command) {
	c.Flags().StringVar(&s.path, "config", "",
		"`FILE` with the herd's settings (default: "+usualConfig+" here if there is one, else the built-in herd)")
}

func (s *settings) addDesign(c *cobra.Command) {
	c.Flags().StringVar(&s.design, "design", "",
		"how servers are built, instead of what the config says: "+strings.Join(herd.Designs, ", "))
}

// read returns the config, and writes its warnings. The error is a usageError.
func (s *settings) read(warn io.Writer) (herd.Config, error) {
	config, warnings, err := s.find()
	if err == nil {
		err = configfile.AbsoluteTokenFile(s.place(), &config)
	}
	if err == nil {
		err = checkPages(config)
	}
	if err != nil {
		return herd.Config{}, usageError{err}
	}
	for _, w := range warnings {
		fmt.Fprintf(warn, "herd: warning: %s\n", w)
	}
	if s.design != "" {
		for i := range config.Servers {
			config.Servers[i].Design = s.design
		}
		if _, err := config.Check(); err != nil {
			return herd.Config{}, usageError{fmt.Errorf("--design %s: %w", s.design, err)}
		}
	}
	return config, nil
}

// find reads the file that was named, else the usual one, else takes the
// built-in settings.
func (s *settings) find() (herd.Config, []string, error) {
	if s.path != "" {
		return configfile.Read(s.path)
	}
	if _, err := os.Stat(usualConfig); errors.Is(err, fs.ErrNotExist) {
		config := herd.Default()
		warnings, err := config.Check()
		return config, warnings, err
	}
	return configfile.Read(usualConfig)
}

// checkPages finds http ports that would be refused when their server starts.
func checkPages(config herd.Config) error {
	var errs []error
	for i, s := range config.Servers {
		if s.HTTP == "" {
			continue
		}
		err := monitor.CheckAddress(s.HTTP)
		if errors.Is(err, monitor.ErrNotLoopback) && config.HTTPTokenFile != "" {
			continue
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("servers[%d].http: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

// place is where the config is, or would be: the secret lies beside it.
func (s *settings) place() string {
	if s.path != "" {
		return s.path
	}
	return usualConfig
}
