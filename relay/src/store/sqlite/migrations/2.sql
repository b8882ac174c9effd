-- Who has begun a call: under the same name it may be begun again, for as long as it has no outcome. Null in calls of earlier versions.
ALTER TABLE call ADD COLUMN holder BLOB;
