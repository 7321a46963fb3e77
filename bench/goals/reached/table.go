package reached

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"proxyherd/bench/scenario"
)

// Beside writes what a report has reached beside its page, which is the first of paths:
// DATE-goals.md beside DATE.md. It returns the text, and the paths with the new one. Of
// a report that has measured nothing that is aimed for there is no text and no file.
func Beside(paths []string, r *scenario.Report) (text string, all []string, err error) {
	rows, err := Rows(r)
	if err != nil || !slices.ContainsFunc(rows, func(row Row) bool { return row.Reached != nil }) {
		return "", paths, err
	}
	text = page(r, rows)
	path := strings.TrimSuffix(paths[0], ".md") + "-goals.md"
	return text, append(paths, path), os.WriteFile(path, []byte(text), 0o644)
}

// Markdown writes a table "goal / reached" for each group of goals, and why those that
// were missed were.
func Markdown(w io.Writer, r *scenario.Report) error {
	rows, err := Rows(r)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, page(r, rows))
	return err
}

func page(r *scenario.Report, rows []Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Goals and what was reached, %s\n\n", r.Conditions.Begun.Format("2 January 2006, 15:04 UTC"))
	fmt.Fprintf(&b, "Of the run of size %s on %s.\n"+
		"Medians of the rounds, and their ranges in brackets; ratios are taken inside rounds. The\n"+
		"verdict is the median's; \"within range and noise\" says that another run may find otherwise.\n"+
		"docs/performance.md tells what each row is.\n\n", r.Conditions.Size, r.Conditions.Machine)
	fmt.Fprintf(&b, "**%s**\n", Summary(rows))
	group := ""
	var notes []string
	flush := func() {
		for _, n := range notes {
			fmt.Fprintf(&b, "\n- %s", n)
		}
		if len(notes) > 0 {
			b.WriteByte('\n')
		}
		notes = nil
	}
	for i := range rows {
		row := &rows[i]
		if row.Group != group {
			flush()
			group = row.Group
			fmt.Fprintf(&b, "\n## %s\n\n| | goal | reached | |\n|---|---|---:|---|\n", group)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row.Asked, row.Aim(), row.reached(), row.says())
		if row.Note != "" && row.Reached != nil {
			notes = append(notes, row.Asked+": "+row.Note)
		}
		if row.Why != "" && (row.Verdict == Missed || row.Verdict == BelowFloor) {
			notes = append(notes, row.Asked+", why it is missed: "+row.Why)
		}
	}
	flush()
	return b.String()
}

// Summary counts the verdicts: "12 met, 2 missed, no floor missed, 3 not measured".
func Summary(rows []Row) string {
	count := map[Verdict]int{}
	for i := range rows {
		count[rows[i].Verdict]++
	}
	floors := "no floor missed"
	if n := count[BelowFloor]; n > 0 {
		floors = fmt.Sprintf("%d below their floor", n)
	}
	return fmt.Sprintf("%d met, %d missed, %s; %d held by tests, %d told by benchmarks, %d reported, %d not measured",
		count[Met], count[Missed], floors, count[ByTest], count[ByBenchmark], count[Told], count[NotMeasured])
}

func (r *Row) reached() string {
	if r.Reached == nil {
		return ""
	}
	v := *r.Reached
	text := scenario.Short(v.Median)
	if v.Low != v.High {
		text += fmt.Sprintf(" (%s–%s)", scenario.Short(v.Low), scenario.Short(v.High))
	}
	return text + withUnit(r.Unit)
}

// says is the verdict in words.
func (r *Row) says() string {
	text := string(r.Verdict)
	switch r.Verdict {
	case NotMeasured:
		return text + ": " + r.Missing
	case ByBenchmark:
		return "not judged: `go test -bench " + strings.TrimPrefix(r.Test[1], "Benchmark") + " ./" + r.Test[0] + "` tells"
	case ByTest:
		return "`" + r.Test[1] + "` in " + r.Test[0]
	case Met:
		if r.Dreamt {
			text += ", and the dream"
		}
	case Missed, BelowFloor:
		if r.By > 0 {
			text += fmt.Sprintf(" by %.0f %%", max(1, 100*r.By))
		}
	}
	if r.Open != "" {
		text += "; " + r.Open
	}
	return text
}
