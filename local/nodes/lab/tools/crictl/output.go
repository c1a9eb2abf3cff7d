package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// table prints columns, or with --quiet the first one only, in full.
type table struct {
	options *options
	rows    [][]string
}

func newTable(o *options, header ...string) *table { return &table{o, [][]string{header}} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print() {
	if t.options.has("quiet") {
		for _, row := range t.rows[1:] {
			fmt.Println(row[0])
		}
		return
	}
	writer := tabwriter.NewWriter(os.Stdout, 20, 1, 3, ' ', 0)
	for i, row := range t.rows {
		if i > 0 && !t.options.has("no-trunc") {
			row[0] = short(row[0])
		}
		fmt.Fprintln(writer, strings.Join(row, "\t"))
	}
	writer.Flush()
}

func short(id string) string {
	if len(id) > 13 {
		return id[:13]
	}
	return id
}

func ago(nanoseconds int64) string {
	passed := time.Since(time.Unix(0, nanoseconds))
	for _, unit := range []struct {
		name string
		span time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if count := int(passed / unit.span); count == 1 {
			return "1 " + unit.name + " ago"
		} else if count > 1 {
			return fmt.Sprintf("%d %ss ago", count, unit.name)
		}
	}
	return "Less than a second ago"
}

var format = protojson.MarshalOptions{Multiline: true, Indent: "  ", EmitUnpopulated: true}

func printJSON(message proto.Message) error {
	text, err := format.Marshal(message)
	if err == nil {
		fmt.Println(string(text))
	}
	return err
}

// printStatus prints {"status": ...} with the runtime's info beside it, whose values are JSON themselves; of a container it is one, "info".
func printStatus(status proto.Message, info map[string]string) error {
	text, err := format.Marshal(status)
	if err != nil {
		return err
	}
	parsed := map[string]json.RawMessage{"status": text}
	for key, value := range info {
		if parsed[key] = json.RawMessage(value); !json.Valid(parsed[key]) {
			parsed[key], _ = json.Marshal(value)
		}
	}
	whole, err := json.MarshalIndent(parsed, "", "  ")
	if err == nil {
		fmt.Println(string(whole))
	}
	return err
}
