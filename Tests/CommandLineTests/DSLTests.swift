import Foundations
import Glibc
import Testing

@testable import CommandLineCore

@Suite struct `sluice dsl` {
    static let program = #"""
        {"inputs":[{"name":"first","type":"text"},{"name":"born","type":"text"},{"name":"amount","type":"text"}],
         "plans":[
          {"target":"name","steps":[{"op":"trim","in":["first"],"as":"t"},{"op":"case","in":["t"],"to":"upper","as":"r"}],"result":"r"},
          {"target":"born","steps":[{"op":"date_parse","in":["born"],"formats":["dd/MM/yyyy"],"to":"date","as":"d"}],"result":"d"},
          {"target":"cents","steps":[{"op":"type_cast","in":["amount"],"to":"decimal(9,2)","as":"a"},
            {"op":"safe_math","in":["a",100],"function":"multiply","to":"decimal(12,0)","as":"m"},
            {"op":"type_cast","in":["m"],"to":"int64","as":"r"}],"result":"r"}]}
        """#

    /// Runs a command over files that are there for it alone; `@0`, `@1` in the words stand for their paths.
    private func run(_ words: String, files: [(String, String)] = []) throws -> Outcome {
        let folder = "/tmp/sluice-dsl-\(Context.system.ulid())"
        mkdir(folder, 0o700)
        var paths: [String] = []
        for file in [("program.json", Self.program)] + files {
            paths.append("\(folder)/\(file.0)")
            try Files.writeAtomically(Array(file.1.utf8), to: "\(folder)/\(file.0)")
        }
        defer {
            for path in paths { unlink(path) }
            rmdir(folder)
        }
        return World().run(
            words.split(separator: " ").map { word in
                word.hasPrefix("@") ? paths[Int(word.dropFirst()) ?? 0] : String(word)
            })
    }

    // MARK: check, explain

    @Test func `checks a program and says what it makes`() throws {
        let outcome = try run("dsl check @0 --json")
        let json = try #require(try outcome.document())
        #expect(outcome.status == 0)
        #expect(json["ok"] == true && json["dsl_version"] == .string(Versions.dsl) && json["steps"] == 6)
        #expect(
            json["outputs"]?.arrayValue?.compactMap { $0["type"]?.stringValue } == ["text", "date", "int64"])
        let people = try run("dsl check @0")
        #expect(people.out.contains("cents") && people.out.contains(json["hash"]?.stringValue ?? "?"))
    }

    @Test func `refuses with status 5, the place and the nearest form`() throws {
        for (text, place) in [
            ("{", "at the root: it is not valid JSON"), ("[]", "at the root: a program is an object"),
            (Self.program.replacing("\"trim\"", with: "\"trimm\""), "at /plans/0/steps/0/op: there is no op"),
            (Self.program.replacing("decimal(9,2)", with: "date"), "at /plans/2/steps/1/in/0: safe_math takes"),
        ] {
            let outcome = try run("dsl check @1", files: [("bad.json", text)])
            #expect(outcome.status == 5 && outcome.out.isEmpty)
            #expect(outcome.err.contains("DSL_REJECT dsl.rejected: ") && outcome.err.contains(place), "\(outcome.err)")
            #expect(outcome.err.contains("\nnext: "))
            let json = try #require(try run("dsl run @1 --json /dev/null", files: [("bad.json", text)]).document())
            #expect(json["error"]?["code"] == "DSL_REJECT")
        }
        #expect(try run("dsl check /nowhere.json").status == 2)
    }

    @Test func `takes types of columns beside the program, and a feature by its name`() throws {
        let plan =
            #"{"target":"y","steps":[{"op":"safe_math","in":["n","a:b"],"function":"add","to":"decimal(9,1)","as":"r"}],"result":"r"}"#
        let outcome = try run("dsl check @1 --inputs n:int64,a:b:decimal(9,2) --json", files: [("p.json", plan)])
        #expect(outcome.status == 0, "\(outcome.err)")
        #expect(try run("dsl check @1", files: [("p.json", plan)]).status == 5)
        for wrong in ["n", "n:", ":text", "n:texts", "n:int64,n:int64", "n:decimal(9,2"] {
            let outcome = try run("dsl check @0 --inputs \(wrong)")
            #expect(outcome.status == 2, "\(wrong)")
        }
        let when =
            #"{"target":"y","steps":[{"op":"select_when","in":["a","b","c"],"pattern":"^x","as":"r"}],"result":"r"}"#
        #expect(try run("dsl check @1", files: [("p.json", when)]).status == 5)
        #expect(try run("dsl check @1 --feature select_when", files: [("p.json", when)]).status == 0)
        #expect(try run("dsl check @1 --feature loops", files: [("p.json", when)]).status == 2)
    }

    @Test func `explains a program in words, and as a typed graph`() throws {
        let people = try run("dsl explain @0").out
        #expect(people.contains("Reads first (text), born (text), amount (text)."))
        #expect(people.contains("t (text): first without white space at its ends"))
        #expect(people.contains("m (decimal(12,0)): a × 100, rounded half away from zero"))
        #expect(people.contains("NOT_DATE: the row goes to quarantine"))
        let json = try #require(try run("dsl explain @0 --json").document())
        let step = json["columns"]?.arrayValue?.last?["steps"]?.arrayValue?.last
        #expect(step?["type"] == "int64" && step?["reasons"] == ["INEXACT"])
        let twice = #"""
            {"plans":[{"target":"a","steps":[{"op":"trim","in":["x"],"as":"s"}],"result":"s"},
             {"target":"b","steps":[{"op":"trim","in":["x"],"as":"t"}],"result":"t"}]}
            """#
        let outcome = try run("dsl explain @1", files: [("p.json", twice)])
        #expect(outcome.out.contains("the same as s of a, computed once"))
        #expect(outcome.out.contains("2 steps, 1 computations."))
    }

    // MARK: run

    @Test(arguments: ["executor", "sqlite"]) func `runs over CSV, a line a row`(engine: String) throws {
        let rows = "first,born,amount\n Ada ,10/12/1815,12.50\nx,31/02/2024,1.2.3\n\"\",,\n"
        let outcome = try run("dsl run @0 @1 --engine \(engine)", files: [("rows.csv", rows)])
        #expect(outcome.status == 0)
        #expect(
            outcome.out == #"""
                {"name":"ADA","born":"1815-12-10","cents":1250}
                {"error":{"code":"NOT_DATE","column":"born","op":"date_parse","others":[{"code":"NOT_DECIMAL","column":"cents","op":"type_cast","step":"a"}],"step":"d"}}
                {"name":"","born":null,"cents":null}

                """#)
        #expect(outcome.err == "1 of 3 rows have errors: NOT_DATE 1.\n")
        let cells = try run("dsl run @0 @1 --engine \(engine) --cells", files: [("rows.csv", rows)]).documents()
        #expect(cells[0] == ["cells": ["ADA", "1815-12-10", "1250"], "errors": []])
        #expect(cells[1] == ["cells": ["X", nil, nil], "errors": ["1:0:NOT_DATE", "2:0:NOT_DECIMAL"]])
    }

    @Test func `runs over JSON Lines, whose values have the declared type`() throws {
        let plans = #"""
            {"inputs":[{"name":"i","type":"int64"},{"name":"c","type":"decimal(6,2)"},{"name":"f","type":"float64"},
             {"name":"b","type":"bool"},{"name":"d","type":"date"},{"name":"t","type":"timestamp"}],
             "plans":[{"target":"i","steps":[],"result":"i"},{"target":"c","steps":[],"result":"c"},
             {"target":"f","steps":[],"result":"f"},{"target":"b","steps":[],"result":"b"},
             {"target":"d","steps":[],"result":"d"},{"target":"t","steps":[],"result":"t"}]}
            """#
        let rows = #"""
            {"i":9223372036854775807,"c":"-0.5","f":0.1,"b":true,"d":"2024-02-29","t":"2024-02-29T12:00:00+01:00"}
            {"i":"-9223372036854775808","c":7,"f":"1e21","b":"false","d":null}

            {"i":1.5}
            {"c":"1.234"}
            {"c":"12345.00"}
            {"b":1}
            {"d":"2024-02-30"}
            {"i":true,"c":false}
            """#
        let outcome = try run("dsl run @1 @2", files: [("p.json", plans), ("rows.jsonl", rows)])
        let wrong = { (column: String) in #"{"error":{"code":"INPUT_TYPE","column":"\#(column)","op":null}}"# }
        #expect(
            outcome.out.split(separator: "\n").map(String.init) == [
                #"{"i":9223372036854775807,"c":"-0.50","f":0.1,"b":true,"d":"2024-02-29","t":"2024-02-29T11:00:00.000000Z"}"#,
                #"{"i":-9223372036854775808,"c":"7.00","f":1e+21,"b":false,"d":null,"t":null}"#,
                wrong("i"), wrong("c"), wrong("c"), wrong("b"), wrong("d"), wrong("i"),
            ])
        let absent = try run("dsl run @0 @1", files: [("rows.jsonl", #"{"first":"a"}"#)])
        #expect(absent.out == #"{"name":"A","born":null,"cents":null}"# + "\n")
        #expect(absent.err.contains("Column born is in none of the rows"))
    }

    @Test func `names the line that is no row, behind those that are`() throws {
        for line in ["[1]", "{", "x", #"{"first":"a","first":"b"}"#] {
            let outcome = try run("dsl run @0 @1", files: [("rows.jsonl", "{\"first\":\"a\"}\n\(line)\n{}\n")])
            #expect(outcome.status == 1)
            #expect(outcome.out == #"{"name":"A","born":null,"cents":null}"# + "\n")
            #expect(outcome.err.contains("dsl.input: Line 2 is not a row"))
        }
    }

    @Test func `says which column a CSV file has not, and that its cells are texts`() throws {
        let missing = try run("dsl run @0 @1", files: [("rows.csv", "first,borne,amount\na,b,c\n")])
        #expect(missing.status == 1)
        #expect(missing.err.contains("The header has no column born.") && missing.err.contains("Is borne meant?"))
        let typed = try run("dsl run @0 @1 --inputs extra:int64", files: [("rows.csv", "first,born,amount\na,b,c\n")])
        #expect(typed.status == 1 && typed.err.contains("cells of CSV are texts"))
        let broken = try run("dsl run @0 @1", files: [("rows.csv", "first,born,amount\na,b\nc,,\"1\n")])
        #expect(broken.out.contains("RAGGED_ROW") && broken.out.contains("UNCLOSED_QUOTE"))
        #expect(try run("dsl run @0 /nowhere.csv").status == 2)
        #expect(try run("dsl run - -").status == 2)
        #expect(try run("dsl run @0 @1", files: [("rows.jsonl", "")]).out.isEmpty)
    }

    /// Batches are cut by rows and by bytes: what comes out does not depend on it.
    @Test func `gives a row for a row however many there are`() throws {
        let count = 20_000
        let rows = (0..<count).map { #"{"first":" a\#($0) ","amount":"\#($0).25"}"# }.joined(separator: "\n")
        let lines = try run("dsl run @0 @1", files: [("rows", rows)]).out.split(separator: "\n")
        #expect(lines.count == count)
        for place in [0, 8191, 8192, 16_384, count - 1] {
            #expect(lines[place] == #"{"name":"A\#(place)","born":null,"cents":\#(place * 100 + 25)}"#)
        }
        let long = #"{"first":"\#(String(repeating: "a", count: 3 << 20))"}"#
        let outcome = try run(
            "dsl run @0 @1", files: [("rows", Array(repeating: long, count: 5).joined(separator: "\n"))])
        #expect(outcome.out.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 5)
    }

    // MARK: compile, diff, matrix

    @Test(arguments: ["sqlite", "postgres", "duckdb", "polars"]) func `compiles for an engine`(target: String) throws {
        let text = try run("dsl compile @0 --target \(target) --table people --row id")
        #expect(text.status == 0 && text.out.contains(target == "polars" ? "def " : "people"), "\(text.err)")
        let json = try #require(try run("dsl compile @0 --target \(target) --json").document())
        #expect(json["row"] == "rid" && json["errors"] == "errors" && json["engine"] == .string(target))
        #expect(json["columns"]?.arrayValue?.compactMap { $0["type"]?.stringValue } == ["text", "date", "int64"])
        #expect(json["parameters"]?.arrayValue?.isEmpty == false)
    }

    @Test func `says why an engine cannot run a program`() throws {
        let plan =
            #"{"inputs":[{"name":"f","type":"float64"}],"plans":[{"target":"y","steps":[{"op":"type_cast","in":["f"],"to":"text","as":"r"}],"result":"r"}]}"#
        let outcome = try run("dsl compile @1 --target postgres --json", files: [("p.json", plan)])
        let error = try #require(try outcome.document()?["error"])
        #expect(outcome.status == 5)
        #expect(error["detail_id"] == "dsl.unsupported" && error["marker"] == "never" && error["op"] == "type_cast")
        #expect(error["plan"] == 0 && error["step"] == 0 && error["reason"]?.stringValue?.isEmpty == false)
        let people = try run("dsl compile @1 --target postgres", files: [("p.json", plan)])
        #expect(people.status == 5 && people.err.contains("Postgres cannot run type_cast"))
        #expect(try run("dsl compile @0").status == 2)
        let matrix = try #require(try run("dsl matrix --json").document())
        let marks = matrix["markers"]?.arrayValue ?? []
        #expect(marks.contains { $0["engine"] == "postgres" && $0["marker"] == "never" && $0["op"] == "type_cast" })
        #expect(try run("dsl matrix").out.hasPrefix("# "))
    }

    @Test func `compares two engines`() throws {
        let rows = "first,born,amount\n Ada ,10/12/1815,12.50\nx,31/02/2024,1.2.3\n"
        let same = try run("dsl diff @0 @1 --engines executor,sqlite", files: [("rows.csv", rows)])
        #expect(same.status == 0 && same.out == "2 rows, 0 differ between executor and sqlite.\n")
        for wrong in ["executor", "executor,executor", "executor,oracle", "executor,sqlite,duckdb"] {
            #expect(try run("dsl diff @0 @1 --engines \(wrong)", files: [("rows.csv", rows)]).status == 2)
        }
        let absent = try run(
            "dsl diff @0 @1 --engines executor,duckdb --harness /nowhere.py", files: [("rows.csv", rows)])
        #expect(absent.status == 2 && absent.err.contains("--harness"))
    }

    /// A harness that answers as it likes stands for an engine that differs, one that fails and one that dies.
    @Test func `shows the rows that differ, and what an engine says that fails`() throws {
        let rows = "first,born,amount\na,,\nb,,\n"
        func harness(_ answer: String) -> String {
            "import sys\nfor line in sys.stdin:\n  \(answer)\n  sys.stdout.flush()\n"
        }
        let odd = harness(
            #"print('{"cells":[["A",null,null],["b",null,"7"]],"errors":[[],["2:0:NOT_DECIMAL"]]}')"#)
        let files = [("rows.csv", rows), ("engines.py", odd)]
        let outcome = try run("dsl diff @0 @1 --engines executor,duckdb --harness @2", files: files)
        #expect(outcome.status == 1)
        #expect(outcome.out.contains(#"row 2: first = "b", born = null, amount = null"#))
        #expect(outcome.out.hasSuffix("2 rows, 1 differ between executor and duckdb.\n"))
        let json = try #require(
            try run("dsl diff @0 @1 --engines executor,duckdb --harness @2 --json", files: files).document())
        #expect(json["rows_different"] == 1 && json["equal"] == false)
        let difference = json["differences"]?.arrayValue?.first
        #expect(difference?["columns"]?.arrayValue?.first == ["column": "name", "executor": "B", "duckdb": "b"])
        #expect(difference?["errors"] == ["executor": [], "duckdb": ["2:0:NOT_DECIMAL"]])
        for (answer, said) in [
            (#"print('{"error":"no such function"}')"#, "DuckDB failed: no such function"),
            ("sys.exit(3)", "DuckDB ended before it answered"),
            (#"print('{"cells":[],"errors":[]}')"#, "a row for each row"),
        ] {
            let failed = try run(
                "dsl diff @0 @1 --engines executor,duckdb --harness @2",
                files: [("rows.csv", rows), ("engines.py", harness(answer))])
            #expect(failed.status == 1 && failed.err.contains(said), "\(failed.err)")
        }
    }
}
