package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"proxyherd/bench/paired"
	"proxyherd/bench/scenario"
)

// Markdown writes the report as a page. figures are the files of the scenarios' figures,
// by name.
func Markdown(w io.Writer, r *scenario.Report, figures map[string]string) error {
	var b strings.Builder
	c := &r.Conditions
	fmt.Fprintf(&b, "# The bench, %s\n\n", c.Begun.Format("2 January 2006, 15:04 UTC"))
	b.WriteString("Medians of the rounds, and their ranges in brackets. A ratio is taken inside each round,\n" +
		"between measurements that follow each other. The entry called \"again\" is a server against\n" +
		"itself: what its ratio shows is noise, and where a ratio's range overlaps the noise there is\n" +
		"no conclusion. docs/benchmarking.md tells how it is done.\n\n")
	writeConditions(&b, c)
	ratios := r.Ratios()
	fmt.Fprintf(&b, "\n"+noisesTold, ratios)
	for i := range r.Scenarios {
		writeScenario(&b, &r.Scenarios[i], figures[r.Scenarios[i].Name], ratios)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// noisesTold says what the two noises under a table are.
const noisesTold = "The noise under a table is how far the median of a ratio may be from the truth by chance, in 19\n" +
	"of 20 cases; the one in brackets holds for all of this page's %d ratios at once, in 19 of 20 runs.\n"

func writeConditions(b *strings.Builder, c *scenario.Conditions) {
	changed := ""
	if c.Changed {
		changed = ", with changes"
	}
	fmt.Fprintf(b, "| condition | |\n|---|---|\n")
	for _, row := range [][2]string{
		{"machine", fmt.Sprintf("%s, %d cores, %.0f GiB", c.CPU, c.Cores, float64(c.Memory)/(1<<30))},
		{"kernel", c.Kernel},
		{"commit", c.Commit + changed},
		{"size", fmt.Sprintf("%s, took %v", c.Size, time.Duration(c.Took))},
		{"flags", strings.Join(c.Flags, " ")},
		{"cores", fmt.Sprintf("the servers' %v, the generator's %v", c.ServerCPUs, c.GeneratorCPUs)},
		{"files a process may open", fmt.Sprint(c.Files)},
		{"load average before, after", c.Before + ", " + c.After},
	} {
		fmt.Fprintf(b, "| %s | %s |\n", row[0], cell(row[1]))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Versions)) {
		fmt.Fprintf(b, "| %s | %s |\n", name, cell(c.Versions[name]))
	}
	writeList(b, "What is measured does the full job of a herd's server for IAMAT, but for this:", c.Lacks)
	writeList(b, "Not measured, as it is not there:", c.Missing)
}

func writeList(b *strings.Builder, head string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n\n", head)
	for _, text := range items {
		fmt.Fprintf(b, "- %s\n", strings.ReplaceAll(text, "\n", " "))
	}
}

// cell is a text that breaks no table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}

func writeScenario(b *strings.Builder, o *scenario.Outcome, figure string, ratios int) {
	slices := ""
	if o.Slices > 1 {
		slices = fmt.Sprintf(", each measurement in %d slices", o.Slices)
	}
	fmt.Fprintf(b, "\n## %s\n\n%s\n%d rounds%s; it took %v.\n", o.Title, o.About, o.Rounds, slices, time.Duration(o.Took))
	if figure != "" {
		fmt.Fprintf(b, "\n![%s](%s)\n", o.Title, figure)
	}
	for i := range o.Points {
		writePoint(b, o, &o.Points[i], ratios)
	}
	writeList(b, "To be known:", o.Warnings())
}

// writePoint writes a table: for each metric the value, the ratio and what it says. Under
// it stands the noise, of one ratio and of all of the page's.
func writePoint(b *strings.Builder, o *scenario.Outcome, p *scenario.PointOutcome, ratios int) {
	var columns [][]scenario.Compared
	var noises []string
	head, line := "| "+cell(p.Point.Name)+" |", "|---|"
	for _, name := range o.Metrics {
		m, err := scenario.MetricNamed(name)
		if err != nil {
			continue // of a report that another version wrote
		}
		list, noise := p.Compare(m)
		columns = append(columns, list)
		noises = append(noises, m.Title+" "+noiseText(noise, p.Noise(m, ratios)))
		head += fmt.Sprintf(" %s, %s | ratio | |", m.Title, m.Unit)
		line += "---:|---:|---|"
	}
	fmt.Fprintf(b, "\n%s\n%s\n", head, line)
	for i := range p.Entries {
		fmt.Fprintf(b, "| %s |", cell(p.Entries[i].Name))
		for _, list := range columns {
			b.WriteString(compared(list[i], &p.Entries[0]))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "\nNoise: %s.\n", strings.Join(noises, "; "))
}

// compared is three cells: the value, its ratio, and the verdict, which names what the
// ratio is to where that is not the first entry.
func compared(c scenario.Compared, first *scenario.Entry) string {
	if c.Value == nil {
		return " not measured | | |"
	}
	text := fmt.Sprintf(" %s |", ranged(*c.Value))
	if c.Ratio == nil {
		return text + " | |"
	}
	to := ""
	if c.Base != first {
		to = " to " + c.Base.Name
	}
	return text + fmt.Sprintf(" %.2f (%.2f–%.2f)%s | %s |", c.Ratio.Median, c.Ratio.Low, c.Ratio.High, cell(to), c.Verdict)
}

func ranged(r paired.Range) string {
	if r.Low == r.High {
		return scenario.Short(r.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", scenario.Short(r.Median), scenario.Short(r.Low), scenario.Short(r.High))
}

// noiseText is the noise of one ratio, and that of all at once.
func noiseText(one, all paired.Noise) string {
	if !one.Known() || !all.Known() {
		return one.String()
	}
	return fmt.Sprintf("to %s (%s)", one, all)
}
