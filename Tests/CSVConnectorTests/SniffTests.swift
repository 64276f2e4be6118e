import CSVCore
import Testing

/// A small file and what its dialect is.
struct DialectSample: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    var delimiter: Character? = ","
    var quote: Character? = "\""
    var escape = Dialect.Escape.doubled
    var lineEnding = Dialect.LineEnding.lf
    var header = true
    let names: [String]

    var testDescription: String { name }

    static let all: [DialectSample] = [
        DialectSample(name: "comma", text: "id,name\n1,ann\n2,bob\n", names: ["id", "name"]),
        DialectSample(name: "semicolon", text: "id;name\n1;ann\n2;bob\n", delimiter: ";", names: ["id", "name"]),
        DialectSample(name: "tab", text: "id\tname\n1\tann b\n2\tbob c\n", delimiter: "\t", names: ["id", "name"]),
        DialectSample(name: "bar", text: "id|name|x\n1|ann|a\n2|bob|b\n", delimiter: "|", names: ["id", "name", "x"]),
        DialectSample(
            name: "colon", text: "user:uid:home\nroot:0:/root\nann:7:/home/ann\n", delimiter: ":",
            names: ["user", "uid", "home"]),
        DialectSample(
            name: "decimal commas", text: "x;y\n1,5;2,5\n3,25;4,75\n0,1;9,9\n", delimiter: ";", names: ["x", "y"]),
        DialectSample(
            name: "commas in quotes", text: "a;b\n\"x, y, z\";1\n\"p, q, r\";2\n", delimiter: ";", names: ["a", "b"]),
        DialectSample(name: "semicolons in quotes", text: "a,b\n\"x; y\",1\n\"p; q\",2\n", names: ["a", "b"]),
        DialectSample(
            name: "times", text: "day,start,end\nmon,08:00,12:30\ntue,09:15,17:45\n", names: ["day", "start", "end"]),
        DialectSample(
            name: "links", text: "name,link\na,http://x.org/a:1\nb,http://x.org/b:2\n", names: ["name", "link"]),
        DialectSample(name: "single quotes", text: "a,b\n'x,1','y'\n'p,2','q'\n", quote: "'", names: ["a", "b"]),
        DialectSample(
            name: "apostrophes", text: "id,name\n1,O'Hara\n2,D'Arcy\n3,'s-Gravenhage\n", names: ["id", "name"]),
        DialectSample(
            name: "apostrophes at both ends of some cells and at one end of others",
            text: "id,name,addr,city\n0,` apple pan the ',' 10801 w. pico blvd. ',` west la '\n"
                + "1,` benita \\ 's frites ',' 1433 third st. ',kozlowski's\n2,` baja fresh ',' 3345 kimber dr. ',x\n",
            names: ["id", "name", "addr", "city"]),
        DialectSample(
            name: "apostrophes around a few cells, and quotes around more",
            text: "id,a,b\n1,\"x, 1\",'p'\n2,\"y, 2\",'q'\n3,\"z, 3\",r\n", names: ["id", "a", "b"]),
        DialectSample(
            name: "single quotes around apostrophes", text: "id,name\n1,'O''Hara, J'\n2,'D''Arcy, M'\n", quote: "'",
            names: ["id", "name"]),
        DialectSample(
            name: "backslash", text: "id,note\n1,\"say \\\"hi, you\\\" now\"\n2,\"a \\\"b, c\\\"\"\n",
            escape: .backslash,
            names: ["id", "note"]),
        DialectSample(
            name: "doubled quotes", text: "id,note\n1,\"say \"\"hi, you\"\" now\"\n2,\"x\"\n", names: ["id", "note"]),
        DialectSample(name: "crlf", text: "id,name\r\n1,ann\r\n", lineEnding: .crlf, names: ["id", "name"]),
        DialectSample(name: "cr", text: "id,name\r1,ann\r", lineEnding: .cr, names: ["id", "name"]),
        DialectSample(name: "line ends in quotes", text: "id,note\n1,\"a\nb\"\n2,\"c\n\nd\"\n", names: ["id", "note"]),
        DialectSample(name: "one column", text: "name\nann\nbob\n", names: ["name"]),
        DialectSample(
            name: "one column of names with commas", text: "name\n\"Ann\"\nLee, Bob\nRoe, Jane\nPoe, Al\n",
            delimiter: nil,
            names: ["name"]),
        DialectSample(
            name: "one column of times", text: "12:30:00\n13:45:10\n14:00:05\n", delimiter: nil, header: false,
            names: ["column_1"]),
        DialectSample(
            name: "no header", text: "1,ann,2020-01-01\n2,bob,2021-01-01\n3,cyd,2022-05-05\n", header: false,
            names: ["column_1", "column_2", "column_3"]),
        DialectSample(
            name: "numbers alone", text: "1,2,3\n4,5,6\n", header: false, names: ["column_1", "column_2", "column_3"]),
        DialectSample(
            name: "years as names", text: "country,2019,2020,2021\nCH,1,2,3\nDE,4,5,6\n",
            names: ["country", "2019", "2020", "2021"]),
        DialectSample(name: "words alone", text: "first,last\nann,lee\nbob,roe\n", names: ["first", "last"]),
        DialectSample(name: "header alone", text: "id,first name,city", names: ["id", "first name", "city"]),
        DialectSample(
            name: "unnamed index", text: ",name,age\n0,ann,30\n1,bob,31\n", names: ["column_1", "name", "age"]),
        DialectSample(name: "empty cells", text: "a;b;c\n;;\n1;;\n;2;\n", delimiter: ";", names: ["a", "b", "c"]),
        DialectSample(
            name: "one ragged record of many", text: "a,b,c\n1,2,3\n4,5,6\n7,8\n9,1,2\n", names: ["a", "b", "c"]),
        DialectSample(
            name: "quotes that are no quotes",
            text: "id\tsize\n1\t\"x y\n2\t\"z\n3\t\"p\" q\n4\t\"r\n5\t\"s\" t\n6\tu\n",
            delimiter: "\t", quote: nil, names: ["id", "size"]),
        DialectSample(
            name: "free text", text: "id,text\n1,Hello: this is it; really\n2,No more | less\n3,ok\n",
            names: ["id", "text"]),
    ]
}

struct SniffTests {
    @Test(arguments: DialectSample.all)
    func `the dialect of a small file is found`(sample: DialectSample) throws {
        let found = try table(sample.text)
        #expect(found.dialect.delimiter == sample.delimiter?.asciiValue)
        #expect(found.dialect.quote == sample.quote?.asciiValue)
        #expect(found.dialect.escape == sample.escape)
        #expect(found.dialect.lineEnding == sample.lineEnding)
        #expect(found.hasHeader == sample.header)
        #expect(found.columnNames == sample.names)
    }

    @Test func `what is configured is not sniffed`() throws {
        let wish = Wish(options: CSVOptions(delimiter: .some(UInt8(ascii: ";")), quote: .some(nil), hasHeader: false))
        #expect(try cells("\"a,b\";1\n", wish) == [["\"a,b\"", "1"]])
        #expect(try cells("a,b\nc,d\n", Wish(options: CSVOptions(delimiter: .some(nil)))) == [["c,d"]])
    }

    @Test func `backslashes go before quotes and backslashes, and stay before others`() throws {
        let text = "id,note\n1,\"say \\\"hi, you\\\" now\"\n2,\"a \\\"b, c\\\"\"\n3,\"x\\\\\"\n4,\"C:\\new\"\n"
        #expect(
            try cells(text) == [["1", "say \"hi, you\" now"], ["2", "a \"b, c\""], ["3", "x\\"], ["4", "C:\\new"]])
    }

    @Test func `names are trimmed and unnamed columns numbered`() throws {
        #expect(
            try table(" id , ,\"first\nname\",\n1,2,3,4\n").columnNames == [
                "id", "column_2", "first\nname", "column_4",
            ])
        #expect(try table("column_2,,x\n1,2,3\n").columnNames == ["column_2", "column_2_", "x"])
    }

    @Test func `two columns of one name are refused by position, without the name`() {
        #expect(failure("id,name,name \n1,a,b\n") == "duplicate_column: 2, 3")
        #expect(failure("a,b,a,b,a\n1,2,3,4,5\n") == "duplicate_column: 1, 3, 5")
        #expect(failure("id,sluice.line\n1,2\n") == "reserved_column: 2")
    }

    @Test func `a first record whose quote never closes is refused`() {
        #expect(failure("\"id,name\n1,2\n", Wish(options: .standard)).hasPrefix("header:"))
    }
}
