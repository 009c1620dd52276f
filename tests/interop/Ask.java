// Asks over JDBC as a tool does: what is there, then every row of it, then something that is refused.
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.StringJoiner;

public class Ask {
    public static void main(String[] given) throws Exception {
        Class.forName("com.clickhouse.jdbc.Driver"); // a source file is run by a loader of its own
        try (Connection connection = DriverManager.getConnection(given[0], "any", given[1])) {
            StringJoiner tables = new StringJoiner(",");
            try (ResultSet found = connection.getMetaData().getTables(null, "sql", "%", null)) {
                while (found.next()) tables.add(found.getString("TABLE_NAME"));
            }
            System.out.println("tables=" + tables);
            try (ResultSet found = connection.getMetaData().getColumns(null, "sql", "otel_traces", "Timestamp")) {
                found.next();
                System.out.println("type of Timestamp=" + found.getString("TYPE_NAME"));
            }
            StringJoiner counts = new StringJoiner(",");
            for (String table : tables.toString().split(",")) {
                int count = 0;
                try (Statement statement = connection.createStatement();
                        ResultSet found = statement.executeQuery("SELECT * FROM sql." + table)) {
                    int columns = found.getMetaData().getColumnCount();
                    for (; found.next(); count++) {
                        for (int column = 1; column <= columns; column++) found.getObject(column);
                    }
                }
                counts.add(table + ":" + count);
            }
            System.out.println("counts=" + counts);
            String one = "SELECT CaseId, Timestamp FROM steps WHERE KeyValue = ?";
            try (PreparedStatement statement = connection.prepareStatement(one)) {
                statement.setString(1, given[2]);
                try (ResultSet found = statement.executeQuery()) {
                    found.next();
                    System.out.println("case=" + found.getString(1));
                }
            }
            int rows = 0;
            try (Statement statement = connection.createStatement();
                    ResultSet found = statement.executeQuery("SELECT number, toString(number) FROM numbers(200000)")) {
                while (found.next()) rows++;
            }
            System.out.println("rows=" + rows);
            try (Statement statement = connection.createStatement()) {
                statement.execute("DROP TABLE steps");
            } catch (SQLException error) {
                System.out.println("refused=" + error.getErrorCode() + " " + error.getMessage().replace('\n', ' '));
            }
        }
    }
}
