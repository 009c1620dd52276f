// Asks with ClickHouse's own driver for Go, as Grafana's data source does, and prints what it got as one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

var methods = map[string]clickhouse.CompressionMethod{
	"none": clickhouse.CompressionNone,
	"lz4":  clickhouse.CompressionLZ4,
	"zstd": clickhouse.CompressionZSTD,
	"gzip": clickhouse.CompressionGZIP,
}

func main() {
	connection, err := clickhouse.Open(&clickhouse.Options{
		Addr:        []string{os.Getenv("ADDRESS")},
		Protocol:    clickhouse.HTTP,
		Auth:        clickhouse.Auth{Database: "sql", Username: "any", Password: os.Getenv("KEY")},
		Compression: &clickhouse.Compression{Method: methods[os.Getenv("COMPRESSION")]},
		Settings:    clickhouse.Settings{"max_execution_time": 30},
	})
	expect(err)
	defer connection.Close()
	expect(connection.Ping(context.Background()))
	version, err := connection.ServerVersion()
	expect(err)
	answer := map[string]any{
		"server": version.Name,
		"case":   caseOf(connection, os.Getenv("CASE")),
		"tables": texts(connection, "SELECT name FROM system.tables WHERE database = 'sql'"),
		"time":   texts(connection, "SELECT toString(Start) FROM otel_traces_trace_id_ts ORDER BY Start LIMIT 1"),
		"rows":   map[string]int{},
	}
	for _, table := range answer["tables"].([]string) {
		answer["rows"].(map[string]int)[table] = rows(connection, "SELECT * FROM sql."+table)
	}
	answer["streamed"] = rows(connection, "SELECT number, toString(number) FROM numbers(300000)")
	answer["empty"] = rows(connection, "SELECT * FROM sql.cases WHERE 0")
	answer["described"] = rows(connection, "DESCRIBE TABLE sql.otel_traces")
	answer["filtered"] = rows(connection, os.Getenv("FILTERED"))
	answer["refused"] = failed(connection, "DROP TABLE steps")
	answer["late"] = failed(connection, "SELECT throwIf(number = 900000), toString(number) FROM numbers(1000000)")
	out, err := json.Marshal(answer)
	expect(err)
	fmt.Println(string(out))
}

func caseOf(connection driver.Conn, key string) string {
	var id string
	sql := "SELECT CaseId FROM steps WHERE KeyValue = {id:String}"
	ctx := clickhouse.Context(context.Background(), clickhouse.WithParameters(clickhouse.Parameters{"id": key}))
	expect(connection.QueryRow(ctx, sql).Scan(&id))
	return id
}

func texts(connection driver.Conn, sql string) []string {
	var found []string
	result, err := connection.Query(context.Background(), sql)
	expect(err)
	defer result.Close()
	for result.Next() {
		var text string
		expect(result.Scan(&text))
		found = append(found, text)
	}
	expect(result.Err())
	return found
}

func rows(connection driver.Conn, sql string) int {
	result, err := connection.Query(context.Background(), sql)
	expect(err)
	defer result.Close()
	count := 0
	for result.Next() {
		count++
	}
	expect(result.Err())
	return count
}

// With Query(): Exec() of older versions reads an error as compressed though it did not ask for that.
func failed(connection driver.Conn, sql string) int32 {
	result, err := connection.Query(context.Background(), sql)
	if err != nil {
		return codeOf(err)
	}
	defer result.Close()
	for result.Next() {
	}
	return codeOf(result.Err())
}

func codeOf(err error) int32 {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return exception.Code
	}
	// Older versions of the driver give the text alone.
	if code := regexp.MustCompile(`Code: (\d+)\. DB::E`).FindStringSubmatch(err.Error()); code != nil {
		number, err := strconv.Atoi(code[1])
		expect(err)
		return int32(number)
	}
	fmt.Fprintln(os.Stderr, "not an exception of the server:", err)
	return -1
}

func expect(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
