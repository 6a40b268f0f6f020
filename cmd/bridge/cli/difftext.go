package cli

import (
	"fmt"
	"os"
	"strings"
	"unicode"

	"github.com/bridge-gateway/bridge/generator/lock"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Bounds of what is listed, so that a comment fits a pull request (65536
// characters) and a list is read.
const (
	maxComment       = 50_000 // bytes of a comment's lists
	maxListedWords   = 1_000  // bytes of one change
	maxListedChanges = 100
	maxListedTools   = 6
	maxListedCosts   = 10
)

// levels are the parts of a report, in order.
var levels = []struct {
	level        lock.Level
	title, color string
}{
	{lock.Breaking, "Breaking", "\x1b[1;31m"},
	{lock.Warning, "Look at these", "\x1b[1;33m"},
	{lock.Compatible, "Compatible", "\x1b[1;32m"},
	{lock.Text, "Words only", "\x1b[1m"},
}

// textDiff is the report for a terminal or a log.
func textDiff(c comparison, terminal bool) string {
	color := func(code, text string) string {
		if !terminal || os.Getenv("NO_COLOR") != "" {
			return text
		}
		return code + text + "\x1b[0m"
	}
	var b strings.Builder
	for _, l := range levels {
		list := ofLevel(c, l.level)
		if len(list) == 0 {
			continue
		}
		fmt.Fprintln(&b, color(l.color, l.title))
		for _, change := range list[:min(len(list), maxListedChanges)] {
			fmt.Fprintf(&b, "  %s  %s\n", toolNames(change.Tools), plain(sentence(change)))
		}
		if more := len(list) - maxListedChanges; more > 0 {
			fmt.Fprintf(&b, "  … and %d more; --json has all\n", more)
		}
		fmt.Fprintln(&b)
	}
	if list := topCosts(c); len(list) > 0 {
		fmt.Fprintln(&b, color("\x1b[1m", "Tokens"))
		for _, cost := range list {
			fmt.Fprintf(&b, "  %s  %s\n", cost.Tool, growth(cost))
		}
		fmt.Fprintln(&b)
	}
	fmt.Fprintln(&b, verdict(c))
	return b.String()
}

// markdownDiff is the report for a pull request. What comes from documents is
// escaped: it must mention nobody and link nowhere.
func markdownDiff(c comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### Tools of `%s`: %s\n\n", strings.ReplaceAll(plain(c.New), "`", ""), verdict(c))
	for _, l := range levels {
		list := ofLevel(c, l.level)
		if len(list) == 0 {
			continue
		}
		folded := l.level == lock.Compatible || l.level == lock.Text
		if folded {
			fmt.Fprintf(&b, "<details><summary>%s: %d</summary>\n\n", l.title, len(list))
		} else {
			fmt.Fprintf(&b, "**%s**\n\n", l.title)
		}
		for i, change := range list {
			if i == maxListedChanges || b.Len() > maxComment {
				fmt.Fprintf(&b, "- … and %d more\n", len(list)-i)
				break
			}
			fmt.Fprintf(&b, "- `%s`: %s\n", toolNames(change.Tools), markdown(sentence(change)))
		}
		if folded {
			fmt.Fprint(&b, "\n</details>\n")
		}
		fmt.Fprintln(&b)
	}
	if list := topCosts(c); len(list) > 0 {
		fmt.Fprint(&b, "<details><summary>Tokens</summary>\n\n| tool | before | after | |\n|---|---:|---:|---:|\n")
		for _, cost := range list {
			fmt.Fprintf(&b, "| `%s` | %d | %d | %+d |\n", cost.Tool, cost.Old, cost.New, cost.New-cost.Old)
		}
		fmt.Fprint(&b, "\n</details>\n\n")
	}
	return b.String()
}

func ofLevel(c comparison, level lock.Level) []lock.Change {
	var out []lock.Change
	for _, change := range c.Changes {
		if change.Level == level {
			out = append(out, change)
		}
	}
	return out
}

// sentence is a change in words, with its place.
func sentence(c lock.Change) string {
	return fault.Clip(strings.TrimSpace(c.Where+" "+c.Message), maxListedWords)
}

// toolNames names the tools that a change shows in.
func toolNames(names []string) string {
	if len(names) > maxListedTools {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListedTools-1], ", "), len(names)-maxListedTools+1)
	}
	return strings.Join(names, ", ")
}

// topCosts returns the tools whose cost changed most, both ways.
func topCosts(c comparison) []lock.Cost {
	if len(c.Costs) <= maxListedCosts {
		return c.Costs
	}
	half := maxListedCosts / 2
	return append(c.Costs[:half:half], c.Costs[len(c.Costs)-half:]...)
}

func growth(c lock.Cost) string { return fmt.Sprintf("%d → %d (%+d)", c.Old, c.New, c.New-c.Old) }

// verdict is the report in a line.
func verdict(c comparison) string {
	text := fmt.Sprintf("%d breaking, %d to look at, %d compatible, %d of words only",
		c.Count(lock.Breaking), c.Count(lock.Warning), c.Count(lock.Compatible), c.Count(lock.Text))
	if len(c.Changes) == 0 {
		text = "nothing changes for callers"
	}
	if c.Tokens.Old != c.Tokens.New {
		text += "; tokens " + growth(c.Tokens)
	}
	return text
}

// plain leaves out what would steer a terminal.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, s)
}

// markup are the characters that mean something in GitHub's Markdown and HTML.
var markup = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;",
	"*", "&#42;", "_", "&#95;", "`", "&#96;", "[", "&#91;", "]", "&#93;", "|", "&#124;",
	"@", "&#64;", "#", "&#35;", "~", "&#126;", "\\", "&#92;", "://", "&#58;//", "www.", "www&#46;",
)

// markdown writes foreign text so that it stays text.
func markdown(s string) string { return markup.Replace(plain(s)) }
