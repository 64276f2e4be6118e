import Glibc
import SluiceABI
import SluiceSDK
import Testing

/// A batch of every type with nulls, its fields, and how many rows.
private func everything(_ rows: Int) throws -> (batch: ArrowBatch, fields: [ArrowField]) {
    let bools = ArrowBoolBuilder()
    let ints = ArrowFixedBuilder.int64()
    let doubles = ArrowFixedBuilder.float64()
    let texts = ArrowBytesBuilder.utf8()
    let days = ArrowFixedBuilder.date32()
    let times = ArrowFixedBuilder.timestamp()
    for row in 0..<rows {
        let isNull = row % 3 == 1
        bools.append(isNull ? nil : row % 2 == 0)
        ints.append(isNull ? nil : Int64(row) << 33)
        doubles.append(isNull ? nil : Double(row) / 4)
        texts.append(isNull ? nil : String(repeating: "é", count: row % 5))
        days.append(isNull ? nil : Int32(row))
        times.append(Int64(-row))
    }
    let builders: [any ArrowColumnBuilder] = [bools, ints, doubles, texts, days, times]
    let fields = builders.enumerated().map { ArrowField("c\($0.offset)", $0.element.type) }
    return (try ArrowBatch(columns: builders.map { $0.finish() }), fields)
}

private func check(_ view: ArrowBatchView, from first: Int = 0) {
    for row in 0..<view.rowCount {
        let number = first + row
        let isNull = number % 3 == 1
        #expect(view.column(0).bool(row) == (isNull ? nil : number % 2 == 0))
        #expect(view.column(1).int64(row) == (isNull ? nil : Int64(number) << 33))
        #expect(view.column(2).float64(row) == (isNull ? nil : Double(number) / 4))
        #expect(view.column(3).string(row) == (isNull ? nil : String(repeating: "é", count: number % 5)))
        #expect(view.column(4).date32(row) == (isNull ? nil : Int32(number)))
        #expect(view.column(5).int64(row) == Int64(-number))
    }
    let nulls = (0..<view.rowCount).count(where: { (first + $0) % 3 == 1 })
    #expect(view.column(0).nullCount == nulls)
    #expect(view.column(5).nullCount == 0)
}

struct ArrowTests {
    @Test(arguments: [0, 1, 7, 8, 9, 64, 1000])
    func `a batch of every type survives export and import`(rows: Int) throws {
        let (batch, fields) = try everything(rows)
        var array = ArrowArray()
        batch.export(into: &array)
        let view = try ArrowBatchView(moving: &array, fields: fields)
        #expect(array.release == nil)
        #expect(view.rowCount == rows)
        check(view)
    }

    @Test func `offsets of a slice are honoured, at the top and in a child`() throws {
        let (batch, fields) = try everything(100)
        var array = ArrowArray()
        batch.export(into: &array)
        array.offset = 5
        array.length = 40
        for index in fields.indices {
            guard let child = array.children[index] else { continue }
            child.pointee.offset = 6
            child.pointee.length = 60
        }
        check(try ArrowBatchView(moving: &array, fields: fields), from: 11)
    }

    @Test func `a schema survives export and import`() throws {
        let fields = [ArrowField("é", .utf8), ArrowField("n", .int64, isNullable: false), ArrowField("b", .binary)]
        var schema = ArrowSchema()
        ArrowSchemaBridge.export(fields, into: &schema)
        #expect(try ArrowSchemaBridge.fields(of: &schema) == fields)
        schema.release(&schema)
        #expect(schema.release == nil)
    }

    @Test func `a child that was moved away outlives its batch`() throws {
        let (batch, _) = try everything(10)
        var array = ArrowArray()
        batch.export(into: &array)
        var child = try #require(array.children[1]).pointee
        array.children[1]?.pointee.release = nil
        array.release(&array)
        #expect(child.buffers[1]?.load(fromByteOffset: 16, as: Int64.self) == 2 << 33)
        child.release(&child)
        #expect(child.release == nil)
    }

    @Test func `a batch that is not laid out as its schema says is refused and released`() throws {
        let breakages: [(inout ArrowArray) -> Void] = [
            { $0.children[3]?.pointee.length = 5 },
            { $0.children[3]?.pointee.n_buffers = 2 },
            { $0.children[3]?.pointee.buffers[1] = nil },
            { $0.children[3]?.pointee.buffers[0] = nil },
            { $0.length = -1 },
            { $0.n_children = 5 },
            { array in
                let offsets = array.children[3]?.pointee.buffers[1]
                UnsafeMutableRawPointer(mutating: offsets)?.storeBytes(of: 1000, toByteOffset: 12, as: Int32.self)
            },
        ]
        for breakage in breakages {
            let (batch, fields) = try everything(10)
            var array = ArrowArray()
            batch.export(into: &array)
            breakage(&array)
            #expect(throws: PluginFailure.self) { try ArrowBatchView(moving: &array, fields: fields) }
            #expect(array.release == nil)
        }
    }

    @Test func `a stream gives its schema, its batches, the end, and stays failed after an error`() throws {
        var left = 2
        let (_, fields) = try everything(1)
        var stream = ArrowArrayStream()
        ArrowStream(fields: fields) { () throws(PluginFailure) in
            left -= 1
            if left < 0 { throw PluginFailure(code: .timeout, message: "too late") }
            do { return try everything(3).batch } catch { throw PluginFailure(message: "no batch") }
        }.export(into: &stream)
        var schema = ArrowSchema()
        #expect(stream.get_schema(&stream, &schema) == 0)
        #expect(try ArrowSchemaBridge.fields(of: &schema) == fields)
        schema.release(&schema)
        for _ in 0..<2 {
            var array = ArrowArray()
            #expect(stream.get_next(&stream, &array) == 0)
            check(try ArrowBatchView(moving: &array, fields: fields))
        }
        for _ in 0..<2 {
            var array = ArrowArray()
            #expect(stream.get_next(&stream, &array) != 0)
            #expect(stream.get_last_error(&stream).map { String(cString: $0) } == "too late")
        }
        #expect(left == -1)
        stream.release(&stream)
        #expect(stream.release == nil)
    }

    @Test(
        arguments: zip(
            [
                PluginFailure.Code.timeout, .transientError, .rateLimit, .quotaExhausted, .policyBlock, .dslReject,
                .providerUnhealthy, .deterministicFailure, .quarantineRequired,
            ], [ECANCELED, EIO, EAGAIN, ENOMEM, EPERM, EINVAL, EINVAL, EINVAL, EINVAL]))
    func `a failure becomes the errno that the ABI names`(code: PluginFailure.Code, number: Int32) {
        var stream = ArrowArrayStream()
        ArrowStream(fields: []) { () throws(PluginFailure) in throw PluginFailure(code: code, message: "no") }
            .export(into: &stream)
        var array = ArrowArray()
        #expect(stream.get_next(&stream, &array) == number)
        stream.release(&stream)
    }

    @Test func `a stream that ends gives released arrays for ever`() {
        var stream = ArrowArrayStream()
        ArrowStream(fields: []) { () throws(PluginFailure) in nil }.export(into: &stream)
        for _ in 0..<2 {
            var array = ArrowArray()
            #expect(stream.get_next(&stream, &array) == 0)
            #expect(array.release == nil)
        }
        stream.release(&stream)
    }

    @Test func `columns of different length make no batch`() {
        let one = ArrowFixedBuilder.int64()
        one.append(1)
        #expect(throws: PluginFailure.self) {
            try ArrowBatch(columns: [one.finish(), ArrowBoolBuilder().finish()])
        }
    }
}
