package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages",
		Long: `Writes a manual page for each command and each topic of the help below DIR, which
it makes where it is missing: man1/herd.1, man1/herd-up.1 and so on, and
man7/herd-exit-codes.7. Pages that are there already are written anew. They say what
--help says.`,
		Example: examples("herd man /usr/local/share/man", "herd man pages && MANPATH=$PWD/pages man herd-up"),
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			for _, page := range manPages(c.Root()) {
				path := filepath.Join(args[0], page.file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					return fmt.Errorf("the directory for the pages: %w", err)
				}
				if err := os.WriteFile(path, page.text, 0o644); err != nil {
					return fmt.Errorf("writing a page: %w", err)
				}
			}
			return nil
		},
	}
}

// manWidth is how long a line of a page may be, in characters.
const manWidth = 72

// manPage is a page and the file that it goes into, below the others' directory.
type manPage struct {
	file string
	text []byte
}

// manPages are the pages of all commands that the help shows, and of its topics.
// They are made here, from cobra's commands: its own generator takes texts for
// Markdown, and would run our lists together.
func manPages(root *cobra.Command) (pages []manPage) {
	all := append([]*cobra.Command{root}, root.Commands()...)
	var shown []*cobra.Command
	for _, c := range all {
		if c == root || c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() && !c.Hidden {
			shown = append(shown, c)
		}
	}
	for _, c := range shown {
		if c.Name() == "help" {
			continue
		}
		// Usage lines and flags are complete only once cobra has added its own.
		c.InitDefaultHelpFlag()
		pages = append(pages, manPage{manFile(c), writePage(c, shown)})
	}
	return pages
}

// manFile is where man looks for a command's page.
func manFile(c *cobra.Command) string {
	return "man" + manSection(c) + "/" + manName(c) + "." + manSection(c)
}

// manName is a command's page: herd-up for herd up.
func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manSection is 1 for commands; topics are in 7, with what else there is to know.
func manSection(c *cobra.Command) string {
	if c.Runnable() || !c.HasParent() {
		return "1"
	}
	return "7"
}

// writePage writes a page in the language of man(7).
func writePage(c *cobra.Command, all []*cobra.Command) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, ".TH %s %s \"\" %s %s\n", roffWord(strings.ToUpper(manName(c))), manSection(c), roffWord("herd"), roffWord("Manual of herd"))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(c)), roff(c.Short))
	if manSection(c) == "1" {
		usage := c.UseLine()
		if !c.Runnable() {
			usage = c.CommandPath() + " COMMAND"
		}
		fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(usage))
	}
	long := c.Long
	if long == "" {
		long = c.Short
	}
	asIs(&b, "DESCRIPTION", long)
	asIs(&b, "OPTIONS", c.Flags().FlagUsagesWrapped(manWidth))
	asIs(&b, "EXAMPLES", c.Example)
	var others []string
	for _, o := range all {
		if o != c && o.Name() != "help" && (c == c.Root() || o == c.Root() || !o.Runnable()) {
			others = append(others, fmt.Sprintf(".BR %s (%s)", roff(manName(o)), manSection(o)))
		}
	}
	slices.Sort(others)
	fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", strings.Join(others, ",\n"))
	return b.Bytes()
}

// asIs writes a section whose lines stay as they are: our texts are laid out for a
// terminal, with lists and columns.
func asIs(b *bytes.Buffer, head, text string) {
	if text = strings.Trim(text, "\n"); text != "" {
		fmt.Fprintf(b, ".SH %s\n.nf\n%s\n.fi\n", head, roff(text))
	}
}

// roff writes a text so that troff shows it as it is: "-" and quotes that can be
// pasted, and no line that is taken for a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", "\\(ga", "^", `\(ha`, "~", `\(ti`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

// roffWord is one argument of a request.
func roffWord(text string) string { return `"` + strings.ReplaceAll(roff(text), `"`, `\(dq`) + `"` }
