package contract

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed testdata
var files embed.FS

// Service is the contract of one kind of upstream.
type Service struct {
	Kind    string // as upstream.Named knows it
	Answers Rules
	Errors  Rules

	// Keys is the environment variable that holds a key for the live service, "" if it needs none.
	Keys string

	// Gone says since when there is no live service, "" if there is one.
	Gone string
}

// services are the kinds, in the order in which they came about.
var services = []Service{
	{Kind: "twitter", Gone: "Twitter switched it off on 11 June 2013"},
	{Kind: "twitter11", Keys: "TWITTER_BEARER_TOKEN"},
	{Kind: "x", Keys: "X_BEARER_TOKEN"},
	{Kind: "places", Keys: "GOOGLE_MAPS_API_KEY"},
	{Kind: "places-new", Keys: "GOOGLE_MAPS_API_KEY"},
	{Kind: "wikipedia"},
}

// Kinds are the names of all services.
func Kinds() []string {
	kinds := make([]string, len(services))
	for i, service := range services {
		kinds[i] = service.Kind
	}
	return kinds
}

// Of finds the contract of a kind.
func Of(kind string) (Service, error) {
	i := slices.IndexFunc(services, func(s Service) bool { return s.Kind == kind })
	if i < 0 {
		return Service{}, fmt.Errorf("there is no contract for the kind %q; choose one of: %s", kind, strings.Join(Kinds(), ", "))
	}
	service := services[i]
	var err error
	if service.Answers, err = readRules(kind + ".fields"); err == nil {
		service.Errors, err = readRules(kind + "-error.fields")
	}
	return service, err
}

// readRules reads one list of fields.
func readRules(name string) (Rules, error) {
	text, err := files.ReadFile(path.Join("testdata", name))
	if err != nil {
		return Rules{}, fmt.Errorf("reading a list of fields: %w", err)
	}
	rules, err := parseRules(string(text))
	if err != nil {
		return Rules{}, fmt.Errorf("reading the list of fields %s: %w", name, err)
	}
	return rules, nil
}

// Examples are the composed answers of a kind by their names, and its errors, whose names begin with "error".
func (s Service) Examples() (map[string][]byte, error) {
	paths, err := fs.Glob(files, "testdata/"+s.Kind+"_*.json")
	if err != nil {
		return nil, fmt.Errorf("looking for the examples of %s: %w", s.Kind, err)
	}
	examples := make(map[string][]byte, len(paths))
	for _, p := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path.Base(p), s.Kind+"_"), ".json")
		if examples[name], err = files.ReadFile(p); err != nil {
			return nil, fmt.Errorf("reading an example of %s: %w", s.Kind, err)
		}
	}
	return examples, nil
}

// RulesFor are those that an example with this name must keep.
func (s Service) RulesFor(example string) Rules {
	if strings.HasPrefix(example, "error") {
		return s.Errors
	}
	return s.Answers
}
