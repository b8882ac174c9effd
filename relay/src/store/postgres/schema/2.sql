-- Who has begun a call: under the same name it may be begun again, for as long as it has no outcome. Null in calls of earlier versions.
ALTER TABLE cuehook.calls ADD COLUMN holder uuid;
