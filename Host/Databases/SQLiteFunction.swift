internal import CSQLite

/// What a registered function may be used for; how SQLite's optimiser and its guard of schemas treat it.
public struct SQLiteFunctionTraits: OptionSet, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The same arguments give the same result: SQLite may call it less often, and use it in indexes.
    public static let deterministic = SQLiteFunctionTraits(rawValue: SQLITE_DETERMINISTIC)
    /// Harmless whoever calls it: views and triggers of a schema that is not trusted may.
    public static let innocuous = SQLiteFunctionTraits(rawValue: SQLITE_INNOCUOUS)
    /// Not for views, triggers, defaults, indexes and generated columns: a file that was made by somebody else cannot
    /// call it, and no schema comes to depend on a function that other programs do not have.
    public static let directOnly = SQLiteFunctionTraits(rawValue: SQLITE_DIRECTONLY)
}

extension SQLiteConnection {
    /// What every registered function's name begins with: none takes the place of one of SQLite's own, nor of those
    /// that `confine` refuses.
    public static let functionPrefix = "sluice_"

    /// Registers a scalar function, until the connection closes or the name is registered anew.
    ///
    /// `body` runs on the connection's thread, within `SQLiteStatement.step`. It gives its result through the call that
    /// it is handed; without one the result is null. It must not use the connection. Nothing is allocated per call
    /// but what SQLite itself needs for a result.
    /// - Parameters:
    ///   - name: begins with `sluice_`, at most 255 bytes.
    ///   - arity: how many arguments, 0–127, or -1 for any number.
    public func register(
        _ name: String, arity: Int, _ traits: SQLiteFunctionTraits = [.deterministic, .directOnly],
        _ body: @escaping (SQLiteCall) -> Void
    ) throws(DatabaseError) {
        guard name.hasPrefix(Self.functionPrefix), name.utf8.count <= 255, !name.utf8.contains(0), arity >= -1,
            arity <= 127
        else {
            throw DatabaseError(
                code: SQLITE_MISUSE, message: "a function's name begins with \(Self.functionPrefix)",
                operation: "register")
        }
        // SQLite calls the last closure exactly once: when the function is replaced, when the connection closes, and when
        // the registration itself fails.
        let box = Unmanaged.passRetained(FunctionBox(body))
        let status = sqlite3_create_function_v2(
            handle, name, Int32(arity), SQLITE_UTF8 | traits.rawValue, box.toOpaque(),
            { context, count, values in
                guard let context, let data = sqlite3_user_data(context) else { return }
                let box = Unmanaged<FunctionBox>.fromOpaque(data)
                box._withUnsafeGuaranteedRef {
                    $0.body(SQLiteCall(context: context, values: values, count: Int(count)))
                }
            }, nil, nil, { data in if let data { Unmanaged<FunctionBox>.fromOpaque(data).release() } })
        guard status == SQLITE_OK else { throw failure(status, "register") }
    }
}

/// A function's closure, as a thing with an address.
private final class FunctionBox {
    let body: (SQLiteCall) -> Void
    init(_ body: @escaping (SQLiteCall) -> Void) { self.body = body }
}

/// One call of a registered function: its arguments, and where its result goes. Valid inside the function only.
public struct SQLiteCall {
    /// How a value is stored.
    public enum Storage: Sendable {
        case null, integer, real, text, blob
    }

    fileprivate let context: OpaquePointer
    fileprivate let values: UnsafeMutablePointer<OpaquePointer?>?
    /// How many arguments there are.
    public let count: Int

    // MARK: Arguments, from 0; an index must be below `count`.

    @inline(__always)
    private func value(_ index: Int) -> OpaquePointer? {
        precondition(index >= 0 && index < count, "a function reads an argument that it was not given")
        return values?[index]
    }

    public func storage(_ index: Int) -> Storage {
        switch sqlite3_value_type(value(index)) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    public func int64(_ index: Int) -> Int64 { sqlite3_value_int64(value(index)) }
    public func double(_ index: Int) -> Double { sqlite3_value_double(value(index)) }

    /// The bytes of a text, NULs and all; not checked to be UTF-8. Valid until the function returns.
    ///
    /// Empty when SQLite has no memory for them, which it then reports itself.
    public func text(_ index: Int) -> UnsafeRawBufferPointer {
        let value = value(index)
        guard let text = sqlite3_value_text(value) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        // Behind the text: it is what turns another encoding into UTF-8, whose length is wanted.
        return UnsafeRawBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
    }

    /// The bytes of a blob. Valid until the function returns.
    public func blob(_ index: Int) -> UnsafeRawBufferPointer {
        let value = value(index)
        guard let bytes = sqlite3_value_blob(value) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_value_bytes(value)))
    }

    // MARK: What is worth keeping for an argument that stays the same from row to row

    /// What `keep` kept for an argument, while the statement runs and the argument is a constant; nil when SQLite has
    /// dropped it. `T` must be the type that the function keeps there.
    @inline(__always)
    public func kept<T: AnyObject>(_: T.Type, _ index: Int) -> T? {
        guard let data = sqlite3_get_auxdata(context, Int32(truncatingIfNeeded: index)) else { return nil }
        return Unmanaged<T>.fromOpaque(data).takeUnretainedValue()
    }

    /// Keeps an object for a constant argument. SQLite may drop it at once.
    public func keep<T: AnyObject>(_ object: T, _ index: Int) {
        sqlite3_set_auxdata(context, Int32(truncatingIfNeeded: index), Unmanaged.passRetained(object).toOpaque()) {
            if let data = $0 { Unmanaged<AnyObject>.fromOpaque(data).release() }
        }
    }

    // MARK: The result

    public func returnNull() { sqlite3_result_null(context) }
    public func `return`(int64 value: Int64) { sqlite3_result_int64(context, value) }
    /// SQLite makes null of a NaN.
    public func `return`(double value: Double) { sqlite3_result_double(context, value) }

    /// Copied. One that is longer than the connection allows fails the statement (SQLITE_TOOBIG).
    public func `return`(text value: UnsafeRawBufferPointer) {
        sluice_sqlite_result_text_copy(
            context, value.baseAddress?.assumingMemoryBound(to: CChar.self), UInt64(value.count))
    }

    /// Copied, as `return(text:)`.
    public func `return`(blob value: UnsafeRawBufferPointer) {
        sluice_sqlite_result_blob_copy(context, value.baseAddress, UInt64(value.count))
    }

    /// The argument itself.
    public func `return`(argument index: Int) { sqlite3_result_value(context, value(index)) }

    /// Fails the statement with a message, which must hold no value of a row.
    public func fail(_ message: String) {
        var message = message
        message.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_result_error(context, $0.baseAddress, Int32(clamping: $0.count))
            }
        }
    }
}
